/**
 * The base of the image, from Debian packages: `apt-get` chooses and downloads them, `dpkg-deb` unpacks them. No
 * package's scripts run, so neither root nor a container tool is needed; what the scripts would have done and the
 * image needs is done here.
 */
import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { unpackTar } from "#cluster/system/tar.ts";
import type { LayerPlan } from "../oci/layer.ts";
import { run } from "../oci/run.ts";

/** A base image layer: its name and its packages. */
export interface Base {
  name: string;
  packages: readonly string[];
}

/** Only what Node needs: no shell and no tools for an intruder. Node has its own certificates. */
export const NODE_BASE: Base = { name: "debian-node", packages: ["libstdc++6"] };

/** The agent's tools, and what Node and the supervisor need. */
const PACKAGES = [
  ...["bash", "coreutils", "dash", "diffutils", "findutils", "gawk", "grep", "gzip", "less", "procps", "sed", "tar"],
  ...[
    "ca-certificates",
    "curl",
    "git",
    "hostname",
    "jq",
    "libstdc++6",
    "openssl",
    "ripgrep",
    "tini",
    "tzdata",
    "unzip",
    "xz-utils",
  ],
];

export const BOX_BASE: Base = { name: "debian", packages: PACKAGES };

/** Dependencies that only install or configure others, or are documentation. */
const LEFT_OUT =
  /^(usrmerge|debconf|dpkg|init-system-helpers|git-man|lib(file-find-rule|number-compare|text-glob)-perl)_/;

/** Folders that a pod does not need. Copyright notices stay. */
const EMPTIED = [
  "usr/share/man",
  "usr/share/info",
  "usr/share/locale",
  "usr/share/lintian",
  "usr/share/bug",
  "usr/share/git-core/contrib",
];

const CHANGE_THIS_WHEN_THE_STEPS_CHANGE = 1;

export async function debianLayer(packageCache: string, { name, packages }: Base): Promise<LayerPlan> {
  const apt = aptArguments(packageCache, packageCache);
  // apt lists only packages that it would download, so request the list with an empty archive folder.
  const listing = aptArguments(packageCache, join(packageCache, "nothing-yet"));
  const uris = await run("apt-get", [...listing, "--print-uris", "install", ...packages]).catch(explain);
  const files = [...uris.matchAll(/^'[^']+' (\S+\.deb) /gm)].flatMap((match) => match[1] ?? []).sort();
  const wanted = files.filter((file) => !LEFT_OUT.test(file));
  return {
    name,
    key: JSON.stringify([CHANGE_THIS_WHEN_THE_STEPS_CHANGE, wanted]),
    async make(root) {
      await run("apt-get", [...apt, "--download-only", "install", ...packages]).catch(explain);
      mergeUsr(root);
      for (const file of wanted) await unpack(join(packageCache, file), root);
      finish(root);
      return { dir: root, prefix: "" };
    },
  };
}

/** An empty status file makes apt resolve as for an empty machine. */
function aptArguments(packageCache: string, archives: string): string[] {
  mkdirSync(join(archives, "partial"), { recursive: true });
  const status = join(packageCache, "status");
  writeFileSync(status, "");
  const options = [
    `Dir::State::status=${status}`,
    `Dir::Cache::archives=${archives}`,
    "Debug::NoLocking=1",
    "APT::Sandbox::User=",
  ];
  return ["--yes", "--quiet=2", "--no-install-recommends", ...options.flatMap((option) => ["-o", option])];
}

function explain(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  throw new Error(`The image's base comes from Debian packages and could not be fetched: ${reason}
The build needs Debian's apt-get and dpkg-deb; if packages are not found, run apt-get update first.`);
}

function mergeUsr(root: string): void {
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(join(root, "usr", name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
}

async function unpack(deb: string, root: string): Promise<void> {
  const child = spawn("dpkg-deb", ["--fsys-tarfile", deb], { stdio: ["ignore", "pipe", "inherit"] });
  await unpackTar(child.stdout, root, { args: ["--keep-directory-symlink"] });
  // Image scanners read this when there is no dpkg database.
  const record = join(root, "var/lib/dpkg/status.d", basename(deb).split("_")[0] ?? "");
  mkdirSync(join(record, ".."), { recursive: true });
  writeFileSync(record, await run("dpkg-deb", ["--field", deb]));
}

function finish(root: string): void {
  for (const folder of EMPTIED) rmSync(join(root, folder), { recursive: true, force: true });
  keepCopyright(join(root, "usr/share/doc"));
  for (const [link, target] of [
    ["sh", "dash"],
    ["awk", "gawk"],
  ] as const) {
    const path = join(root, "usr/bin", link);
    if (!existsSync(path) && existsSync(join(root, "usr/bin", target))) symlinkSync(target, path);
  }
  mkdirSync(join(root, "etc"), { recursive: true });
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/bash\nagent:x:1000:1000:agent:/data/home:/bin/bash\n",
  );
  writeFileSync(join(root, "etc/group"), "root:x:0:\nagent:x:1000:\n");
  const certificates = join(root, "usr/share/ca-certificates");
  if (existsSync(certificates)) {
    writeFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), allCertificates(certificates));
  }
  for (const folder of ["data", "etc/box", "proc", "sys", "dev", "tmp", "var/tmp"])
    mkdirSync(join(root, folder), { recursive: true });
  for (const folder of ["tmp", "var/tmp"]) chmodSync(join(root, folder), 0o1777);
}

function keepCopyright(docs: string): void {
  for (const name of readdirSync(docs)) {
    for (const file of readdirSync(join(docs, name))) {
      if (file !== "copyright") rmSync(join(docs, name, file), { recursive: true, force: true });
    }
  }
}

function allCertificates(dir: string): string {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".crt"));
  return files
    .sort()
    .map((name) => `${readFileSync(join(dir, name), "utf8").trimEnd()}\n`)
    .join("");
}
