import { expect, test } from "vitest";
import { lockedPackages } from "./locked-packages.ts";

const lock = {
  packages: {
    "": {},
    "node_modules/ws": {},
    "node_modules/pino": { dependencies: { "sonic-boom": "1", "@types/node": "1" } },
    "node_modules/sonic-boom": { dependencies: { "atomic-sleep": "1" } },
    "node_modules/atomic-sleep": { dependencies: { "sonic-boom": "1" } },
    "node_modules/yaml": {},
    "node_modules/kube": { dependencies: { yaml: "2", pino: "1" }, optionalDependencies: { "other-system": "1" } },
    "node_modules/kube/node_modules/yaml": {},
    "node_modules/@types/node": {},
    "node_modules/broken": { dependencies: { nowhere: "1" } },
    "node_modules/unused": {},
  },
};

test("names what is needed, and what that needs, once each", () => {
  expect(lockedPackages(lock, ["pino", "ws"])).toEqual([
    "node_modules/atomic-sleep",
    "node_modules/pino",
    "node_modules/sonic-boom",
    "node_modules/ws",
  ]);
});

test("finds each as Node would: a package's own copy before the common one", () => {
  const found = lockedPackages(lock, ["kube"]);
  expect(found).toContain("node_modules/kube/node_modules/yaml");
  expect(found).not.toContain("node_modules/yaml");
  expect(found).toContain("node_modules/pino");
});

test("says what the lock file lacks", () => {
  expect(() => lockedPackages(lock, ["broken"])).toThrow("nowhere, which node_modules/broken needs");
  expect(() => lockedPackages(lock, ["left-pad"])).toThrow("left-pad, which the program needs");
});
