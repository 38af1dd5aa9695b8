import { beforeEach, describe, expect, it } from "vitest";
import { createLog } from "../../log.ts";
import { sampleBox } from "../../testing/sample-box.ts";
import { listedBox, type SampleCluster, sampleCluster } from "../../testing/sample-cluster.ts";
import { changedSecrets } from "./changed-secrets.ts";

const boxes = Array.from({ length: 20 }, () => sampleBox());
const [box = sampleBox()] = boxes;
let cluster: SampleCluster;
let asked: string[];
beforeEach(() => {
  asked = [];
  cluster = sampleCluster();
  for (const one of boxes) {
    cluster.put(one);
    noted(one.box_id, "1");
  }
});

/** What a job has noted at the Deployment. */
const noted = (boxId: string, version: string) =>
  cluster.change("Deployment", boxId, ({ metadata }) => {
    const { annotations, ...rest } = metadata as { annotations: object };
    return { metadata: { ...rest, annotations: { ...annotations, "fleet/secret-version": version } } };
  });

const find = (secretChanged: (boxId: string) => Promise<boolean>, restingSince = 0) =>
  changedSecrets(
    {
      view: cluster,
      known: { restingSince: () => restingSince },
      secretChanged: ({ box_id }, version) => {
        asked.push(`${box_id} ${version}`);
        return secretChanged(box_id);
      },
      log: createLog("silent"),
      signal: new AbortController().signal,
      settledMs: 0,
    },
    boxes.map((one) => listedBox(one)),
  );

it("asks once for each box, by the version that we have noted, and names the boxes", async () => {
  const found = await find(async (boxId) => boxId === box.box_id);
  expect(found).toEqual([{ box_id: box.box_id, generation: 3, found: ["Secret: was changed"] }]);
  expect(asked.toSorted()).toEqual(boxes.map(({ box_id }) => `${box_id} 1`).toSorted());
});

describe("nothing is said of", () => {
  it("boxes whose Secret an older version of ours has written", async () => {
    cluster.put(box);
    expect(await find(async (boxId) => boxId === box.box_id)).toEqual([]);
    expect(asked).toHaveLength(boxes.length - 1);
  });

  it("boxes that a job is at work on, or was a moment ago", async () => {
    expect(await find(async () => true, Number.POSITIVE_INFINITY)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("a box whose Secret a job has written while it was asked about", async () => {
    const found = await find(async (boxId) => {
      noted(boxId, "2");
      return true;
    });
    expect(found).toEqual([]);
  });

  it("boxes about which the cluster could not be asked; the others are", async () => {
    const found = await find(async (boxId) => {
      if (boxId !== box.box_id) throw new Error("away");
      return true;
    });
    expect(found.map(({ box_id }) => box_id)).toEqual([box.box_id]);
  });
});
