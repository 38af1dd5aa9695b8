/** The parts of a package-lock.json (version 3) that say what is installed where. */
export interface Lock {
  packages: Record<string, { dependencies?: Record<string, string> }>;
}

/** Declarations for authors: nothing loads them. */
const TYPES_ONLY = /(^|\/)node_modules\/(@types\/|undici-types$)/;

/**
 * The folders below the repository's root that hold these packages and all that they need. Optional packages are left
 * out: here they are those of another runtime or system.
 */
export function lockedPackages(lock: Lock, roots: Iterable<string>): string[] {
  const found = new Set<string>();
  const visit = (name: string, from: string) => {
    const folder = resolve(lock, name, from);
    if (!folder) throw new Error(`${name}, which ${from || "the program"} needs, is not in package-lock.json`);
    if (found.has(folder) || TYPES_ONLY.test(folder)) return;
    found.add(folder);
    for (const needed of Object.keys(lock.packages[folder]?.dependencies ?? {})) visit(needed, folder);
  };
  for (const root of roots) visit(root, "");
  return [...found].sort();
}

/** As Node looks for it: beside the package that asks, then in each folder above. */
function resolve(lock: Lock, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const candidate = `${folder ? `${folder}/` : ""}node_modules/${name}`;
    if (candidate in lock.packages) return candidate;
    if (folder === "") return undefined;
  }
}
