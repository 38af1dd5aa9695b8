/** The house's floors are held by lint: an import against one, planted, is refused. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const CONFIGURATIONS = ["", "workers", "fleet-agent", "cluster", "site"].map((folder) => join(folder, "biome.json"));

/** A file, what it imports, and the rule that refuses it. */
const PLANTED: [file: string, imports: string, rule: string][] = [
  ["schema/domain/planted.ts", "#workers/log.ts", "noRestrictedImports"],
  ["schema/contracts/planted.ts", "node:fs", "noRestrictedImports"],
  ["workers/planted.ts", "#fleet-agent/lease.ts", "noRestrictedImports"],
  ["workers/app.ts", "./index.ts", "noRestrictedImports"],
  ["workers/routes/internal/planted.ts", "drizzle-orm", "noRestrictedImports"],
  ["workers/routes/internal/planted2.ts", "#schema/db/schema.ts", "noRestrictedImports"],
  ["workers/objects/fleet-mailbox/planted.ts", "../../proxy/meter-client.ts", "noRestrictedImports"],
  ["workers/proxy/dialects/planted.ts", "../../http/guards.ts", "noRestrictedImports"],
  ["workers/sweep/planted.ts", "../objects/token-meter.ts", "noRestrictedImports"],
  ["workers/http/planted.ts", "../routes/fleet.ts", "noRestrictedImports"],
  ["workers/services/boxes/planted.ts", "../../http/problem.ts", "noRestrictedImports"],
  ["workers/services/boxes/planted2.ts", "../../objects/token-meter.ts", "noRestrictedImports"],
  ["workers/context.ts", "./services/sql.ts", "noRestrictedImports"],
  ["workers/integrations/planted.ts", "../context.ts", "noRestrictedImports"],
  ["workers/env.ts", "./context.ts", "noRestrictedImports"],
  ["workers/config.ts", "./integrations/mail.ts", "noRestrictedImports"],
  ["workers/config/planted.ts", "../integrations/mail.ts", "noRestrictedImports"],
  ["workers/contracts/planted.ts", "../objects/token-meter.ts", "noRestrictedImports"],
  ["workers/models/planted.ts", "../config.ts", "noRestrictedImports"],
  ["fleet-agent/planted.ts", "#workers/log.ts", "noRestrictedImports"],
  ["fleet-agent/cli/planted.ts", "../main.ts", "noRestrictedImports"],
  ["fleet-agent/agent/jobs/planted.ts", "../../cli/commands/age.ts", "noRestrictedImports"],
  ["fleet-agent/drivers/kube/planted.ts", "../../agent/run-agent.ts", "noRestrictedImports"],
  ["fleet-agent/config/planted.ts", "../drivers/driver.ts", "noRestrictedImports"],
  ["fleet-agent/lease.ts", "./drivers/driver.ts", "noRestrictedImports"],
  ["cluster/supervisor/planted.ts", "#fleet-agent/lease.ts", "noRestrictedImports"],
  ["cluster/supervisor/planted2.ts", "../local/stack.ts", "noRestrictedImports"],
  ["cluster/system/planted.ts", "../supervisor/log.ts", "noRestrictedImports"],
  ["cluster/image/layers/planted.ts", "../../local/stack.ts", "noRestrictedImports"],
  ["cluster/local/mail/planted.ts", "#workers/log.ts", "noRestrictedImports"],
  ["site/src/admin/planted.ts", "../dashboard/app.tsx", "noRestrictedImports"],
  ["site/src/components/planted.ts", "../admin/admin.tsx", "noRestrictedImports"],
  ["site/src/edge/planted.ts", "../admin/admin.tsx", "noRestrictedImports"],
  ["site/src/ui/planted.ts", "../edge/call-edge.ts", "noRestrictedImports"],
];

const code = (imports: string): string => `import { planted } from "${imports}";\n\nplanted();\n`;

describe("lint refuses an import against a floor", () => {
  let house: string;
  let found: string;

  beforeAll(() => {
    house = realpathSync(mkdtempSync(join(tmpdir(), "house-")));
    for (const file of [...CONFIGURATIONS, "package.json"]) {
      cpSync(join(ROOT, file), join(house, file), { recursive: true });
    }
    for (const [file, imports] of PLANTED) write(house, file, code(imports));
    write(house, "workers/services/one.ts", 'import { two } from "./two.ts";\n\nexport const one = () => two;\n');
    write(house, "workers/services/two.ts", 'import { one } from "./one.ts";\n\nexport const two = () => one;\n');
    write(house, "workers/services/fine.ts", code("../context.ts"));
    found = lint(house);
  });
  afterAll(() => rmSync(house, { recursive: true, force: true }));

  it.each(PLANTED)("%s imports %s", (file, _imports, rule) => {
    expect(rulesBroken(found, file)).toContain(rule);
  });

  it("and one that closes a ring", () => {
    expect(rulesBroken(found, "workers/services/one.ts")).toContain("noImportCycles");
  });

  it("but not one that goes down", () => {
    expect(rulesBroken(found, "workers/services/fine.ts")).toEqual([]);
  });
});

function write(house: string, file: string, text: string): void {
  mkdirSync(dirname(join(house, file)), { recursive: true });
  writeFileSync(join(house, file), text);
}

function lint(house: string): string {
  const biome = join(ROOT, "node_modules/.bin/biome");
  const options = ["lint", "--reporter=github", "--max-diagnostics=none", "."];
  try {
    return execFileSync(biome, options, { cwd: house, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** GitHub's annotations: `::error title=lint/style/noRestrictedImports,file=workers/x.ts,line=…`. */
const rulesBroken = (found: string, file: string): string[] =>
  found
    .split("\n")
    .filter((line) => line.includes(`/${file},line=`))
    .map((line) => /title=lint\/\w+\/(\w+)/.exec(line)?.[1] ?? line);
