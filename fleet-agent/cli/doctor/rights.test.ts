import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { NEEDED, type Right, wordsOf } from "./rights.ts";

/** The rules of the ClusterRole in the manifest, whose lists are all written in one line. */
function manifestRights(): Right[] {
  const text = readFileSync(fileURLToPath(new URL("../../../cluster/manifests/rbac.yaml", import.meta.url)), "utf8");
  const role = text.split("\n---\n").find((document) => /^kind: ClusterRole$/m.test(document)) ?? "";
  return role.split("- apiGroups:").slice(1).flatMap(rightsOf);
}

function rightsOf(rule: string): Right[] {
  const list = (key: string) => {
    const [, inside] = new RegExp(`${key}:? *\\[([^\\]]*)\\]`).exec(rule) ?? [];
    return inside?.split(",").map((word) => word.trim().replaceAll('"', "")) ?? [];
  };
  const groups =
    /^ *\[([^\]]*)\]/
      .exec(rule)?.[1]
      ?.split(",")
      .map((word) => word.trim().replaceAll('"', "")) ?? [];
  const names = rule.includes("resourceNames") ? list("resourceNames") : [undefined];
  return groups.flatMap((group) =>
    list("resources").flatMap((resource) =>
      list("verbs").flatMap((verb) => names.map((name) => ({ group, resource, verb, ...(name && { name }) }))),
    ),
  );
}

it("asks for what the manifest grants, no more and no less", () => {
  const sorted = (rights: readonly Right[]) => rights.map((right) => `${right.group}: ${wordsOf(right)}`).toSorted();
  const granted = sorted(manifestRights());
  expect(granted.length).toBeGreaterThan(30);
  expect(sorted(NEEDED)).toEqual(granted);
});

it("lets nobody read a Secret: neither by its verbs, nor by a patch, which is answered with the whole object", () => {
  const ofSecrets = manifestRights().filter(({ resource }) => resource === "secrets" || resource === "*");
  expect(ofSecrets.map(wordsOf)).toEqual(["create secrets", 'update secrets "gateway"']);
});
