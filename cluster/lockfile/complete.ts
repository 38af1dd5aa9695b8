/**
 * Completes package-lock.json with the optional platform packages that npm left out.
 *
 * Why: native tools (workerd, biome, tailwind, …) list one optional package per platform. Where a
 * registry mirror lacks some of them, `npm install` omits those from the lock file, and a later `npm ci`
 * refuses the whole install with "EUSAGE … Missing … from lock file". An entry that carries the version and
 * the platform is enough: npm skips it on every other platform, and fetches it on its own.
 *
 * Run after every `npm install` that changed the lock file: `npm run lock:complete [folder]`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface LockEntry {
  version?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
  overrides?: Record<string, string>;
}

const OS = ["darwin", "linux", "win32", "freebsd", "android", "openbsd", "netbsd", "sunos", "aix", "openharmony"];
const CPU = ["arm64", "x64", "ia32", "arm", "riscv64", "s390x", "ppc64", "loong64", "mips64el", "wasm32"];
const ALIASES: Record<string, string> = {
  "64": "x64",
  windows: "win32",
  armv7: "arm",
  musleabihf: "arm",
  gnueabihf: "arm",
  wasm: "wasm32",
};

/** The platform in a package name: `@scope/tool-linux-arm64-musl` → linux, arm64, musl. */
export function platformOf(name: string): Pick<LockEntry, "os" | "cpu" | "libc"> {
  const words = name.split(/[-/_]/).map((word) => ALIASES[word] ?? word);
  const os = words.filter((word) => OS.includes(word));
  const cpu = words.filter((word) => CPU.includes(word));
  const libc = words.includes("musl") ? ["musl"] : words.includes("gnu") ? ["glibc"] : [];
  return { ...(os.length && { os }), ...(cpu.length && { cpu }), ...(libc.length && { libc }) };
}

/** Adds what is missing to `packages` in place; returns the names added. */
export function complete(packages: Record<string, LockEntry>): string[] {
  const added: string[] = [];
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (resolves(packages, path, name) || !/^\d+\.\d+\.\d+/.test(version)) continue;
      packages[`node_modules/${name}`] = { version, optional: true, ...platformOf(name) };
      added.push(`${name}@${version}`);
    }
  }
  return added;
}

/** Node's own look-up: the dependency may be nested under any folder above its dependant. */
function resolves(packages: Record<string, LockEntry>, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    if (packages[`${folder ? `${folder}/` : ""}node_modules/${name}`]) return true;
    if (folder === "" || !folder.includes("/node_modules/")) return Boolean(packages[`node_modules/${name}`]);
  }
}

if (import.meta.main) {
  const file = join(process.argv[2] ?? ".", "package-lock.json");
  const lock = JSON.parse(readFileSync(file, "utf8")) as { packages: Record<string, LockEntry> };
  const added = complete(lock.packages);
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log(added.length ? `added ${added.length}: ${added.join(", ")}` : "nothing was missing");
}
