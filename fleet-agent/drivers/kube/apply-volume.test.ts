import { expect, it } from "vitest";
import { KUBE_DNS } from "../../config/cluster-settings.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { volume } from "../desired/volume.ts";
import { fitted } from "./apply-volume.ts";
import { VolumeView } from "./views.ts";

const settings = { image: "i", imagePullPolicy: "Never" as const, edge: [], telegram: [], dns: KUBE_DNS };
const desired = (storageClass?: string) => volume(sampleBox({ tier: "pro" }), { ...settings, storageClass });
const existing = (storage: string, storageClassName?: string, accessModes = ["ReadWriteOncePod"]) =>
  VolumeView.parse({
    metadata: { name: "gateway", uid: "u", resourceVersion: "1" },
    spec: { accessModes, resources: { requests: { storage } }, ...(storageClassName ? { storageClassName } : {}) },
  });
const sizeOf = (storage: string) => fitted(desired(), existing(storage)).spec?.resources?.requests?.storage;

it("grows a volume that is too small", () => {
  expect(sizeOf("2Gi")).toBe("5Gi");
  expect(sizeOf("512Mi")).toBe("5Gi");
});

it("never shrinks one, whatever unit it is told in", () => {
  expect(sizeOf("10Gi")).toBe("10Gi");
  expect(sizeOf("1Ti")).toBe("1Ti");
  expect(sizeOf("6000000000")).toBe("6000000000");
});

it("keeps the class a volume was made with: it can't be changed", () => {
  expect(fitted(desired("fast"), existing("5Gi", "slow")).spec?.storageClassName).toBe("slow");
  expect(fitted(desired("fast"), existing("5Gi")).spec?.storageClassName).toBe("fast");
});

it("lets one pod at a time have it, and keeps what a volume was made with: it can't be changed either", () => {
  expect(desired().spec?.accessModes).toEqual(["ReadWriteOncePod"]);
  expect(fitted(desired(), existing("5Gi", "slow", ["ReadWriteOnce"])).spec?.accessModes).toEqual(["ReadWriteOnce"]);
});
