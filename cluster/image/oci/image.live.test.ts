import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { describeImage, type RunConfig, writeImage } from "./image.ts";
import { buildLayer } from "./layer.ts";

const folder = () => mkdtempSync(join(tmpdir(), "image-"));
const sha256 = (data: Buffer) => `sha256:${createHash("sha256").update(data).digest("hex")}`;

const RUN: RunConfig = {
  user: "1000:1000",
  env: { PATH: "/bin", LANG: "C.UTF-8" },
  entrypoint: ["/bin/tool"],
  workingDir: "/data",
  labels: {},
};
const REFERENCE = "localhost:5000/openclaw-cloud/gateway:test";

async function smallImage() {
  const cache = folder();
  const dir = folder();
  mkdirSync(join(dir, "bin"));
  writeFileSync(join(dir, "bin/tool"), "#!/bin/sh\n", { mode: 0o755 });
  const layer = await buildLayer({ name: "small", key: "1", make: async () => ({ dir, prefix: "" }) }, cache);
  const image = describeImage([layer], RUN, REFERENCE, "amd64");
  const tar = join(cache, "image.tar");
  await writeImage(image, [layer], tar, join(cache, "layout"));
  return { image, layer, tar, cache };
}

function unpacked(tar: string) {
  const out = folder();
  execFileSync("tar", ["-xf", tar, "-C", out]);
  const json = (path: string) => JSON.parse(readFileSync(join(out, path), "utf8"));
  const blob = (digest: string) => readFileSync(join(out, "blobs/sha256", digest.replace("sha256:", "")));
  return { out, json, blob };
}

test("the tar is an OCI layout in which every digest and size is true, down to the plain layer", async () => {
  const { image, layer, tar } = await smallImage();
  const { json, blob, out } = unpacked(tar);
  expect(json("oci-layout")).toEqual({ imageLayoutVersion: "1.0.0" });
  const [entry] = json("index.json").manifests;
  expect(entry).toMatchObject({ digest: image.digest, platform: { architecture: "amd64", os: "linux" } });
  const manifest = JSON.parse(blob(entry.digest).toString());
  for (const { digest, size } of [entry, manifest.config, ...manifest.layers]) {
    expect([sha256(blob(digest)), blob(digest).length]).toEqual([digest, size]);
  }
  const config = JSON.parse(blob(manifest.config.digest).toString());
  expect(config.rootfs.diff_ids).toEqual([sha256(zstdDecompressSync(blob(layer.digest)))]);
  expect(readdirSync(join(out, "blobs/sha256"))).toHaveLength(3);
});

test("the name that containerd gives it and how it runs are in it", async () => {
  const { tar } = await smallImage();
  const { json, blob } = unpacked(tar);
  const [entry] = json("index.json").manifests;
  expect(entry.annotations).toEqual({
    "io.containerd.image.name": REFERENCE,
    "org.opencontainers.image.ref.name": "test",
  });
  const config = JSON.parse(blob(JSON.parse(blob(entry.digest).toString()).config.digest).toString());
  expect(config).toMatchObject({
    architecture: "amd64",
    config: { User: "1000:1000", Env: ["PATH=/bin", "LANG=C.UTF-8"], Entrypoint: ["/bin/tool"], WorkingDir: "/data" },
  });
});

test("the same image is the same tar, byte for byte, and no scratch is left", async () => {
  const [one, two] = [await smallImage(), await smallImage()];
  expect(sha256(readFileSync(one.tar))).toBe(sha256(readFileSync(two.tar)));
  expect(readdirSync(one.cache)).not.toContain("layout");
});

test("another way to run is another digest", async () => {
  const { layer, image } = await smallImage();
  expect(describeImage([layer], { ...RUN, user: "0" }, REFERENCE, "amd64").digest).not.toBe(image.digest);
});
