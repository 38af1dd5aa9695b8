import { expect, it } from "vitest";
import { type ClusterSettings, KUBE_DNS, TELEGRAM } from "../../config/cluster-settings.ts";
import { isByDigest, settingsWarnings } from "./settings-warnings.ts";

const DIGEST = `registry.example/gateway@sha256:${"0".repeat(64)}`;
const settings: ClusterSettings = {
  image: DIGEST,
  imagePullPolicy: "IfNotPresent",
  edge: [],
  telegram: TELEGRAM,
  dns: KUBE_DNS,
};

it("has nothing to say where the gate is on and the image is pinned", () => {
  expect(settingsWarnings(settings)).toEqual([]);
  expect(settingsWarnings({ ...settings, egressGate: "on" })).toEqual([]);
});

it("says that boxes start without a policy in force", () => {
  expect(settingsWarnings({ ...settings, egressGate: "off" })).toEqual([
    expect.stringMatching(/^EGRESS_GATE is off: /),
  ]);
});

it("says that a tag can be moved", () => {
  const image = "registry.example/gateway:1.2";
  expect(settingsWarnings({ ...settings, image })).toEqual([expect.stringContaining(image)]);
});

it.each([
  [DIGEST, true],
  [DIGEST.replace("@", ":1.2@"), true],
  ["registry.example/gateway:1.2", false],
  ["gateway@sha256:1", false],
])("%s is by digest: %s", (image, answer) => {
  expect(isByDigest(image)).toBe(answer);
});
