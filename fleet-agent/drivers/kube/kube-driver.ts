import type { BoxConfig } from "#schema/contracts/box-config.ts";
import type { DesiredBox } from "#schema/contracts/fleet.ts";
import type { ClusterSettings } from "../../config/cluster-settings.ts";
import type { Logger } from "../../log.ts";
import { createBell } from "../bell.ts";
import { toldHash } from "../desired/box-config.ts";
import { allObjects, type BoxObjects, boxObjects, comparedObjects } from "../desired/box-objects.ts";
import { withSecretVersion } from "../desired/deployment.ts";
import { settingsWarnings } from "../desired/settings-warnings.ts";
import type { Driver, ReportStep } from "../driver.ts";
import { createExpectations } from "../expectations.ts";
import { allEnded } from "./all-ended.ts";
import { applyVolume } from "./apply-volume.ts";
import { destroyBox } from "./destroy-box.ts";
import { type ClusterAccess, connectKube, type KubeObserver } from "./kube-client.ts";
import { observePods } from "./observe-pods.ts";
import { prune } from "./prune.ts";
import { secretCheckOn } from "./secret-check.ts";
import { applyWhole } from "./take-over.ts";
import { toDriverFailure } from "./to-driver-failure.ts";
import { touchPods } from "./touch-pods.ts";
import { tryOutOn } from "./try-out.ts";
import { NamespaceView } from "./views.ts";
import { waitUntilGone, waitUntilRunning, waitUntilStopped } from "./wait-for-box.ts";
import { watchBoxes } from "./watch-boxes.ts";
import { apply, applyAnswered, type Writer } from "./write.ts";
import { writeSecret } from "./write-secret.ts";

/** Boxes in the cluster that `access` leads to. */
export async function openKubeDriver(options: {
  settings: ClusterSettings;
  log: Logger;
  access: ClusterAccess;
  observer?: KubeObserver | undefined;
}): Promise<Driver> {
  for (const warning of settingsWarnings(options.settings)) options.log.warn(warning);
  const client = await connectKube(options.access, options.observer);
  const stopping = new AbortController();
  const bell = createBell();
  const observer = observePods({
    client,
    signal: stopping.signal,
    failed: (error) => options.log.error({ err: error }, "pods or nodes can't be watched: health is unknown"),
    changed: bell.ring,
  });
  const boxes = watchBoxes({
    client,
    signal: stopping.signal,
    failed: (error) => options.log.error({ err: error }, "boxes can't be watched: drift is not detected"),
  });
  return {
    reconcile: async (desired, guard, report) => {
      const writer = { client, guard };
      try {
        if (desired.status === "destroyed") await destroyBox(writer, desired, report);
        else await matchBox(writer, desired, desired.config, options.settings, report);
      } catch (error) {
        throw toDriverFailure(error);
      }
    },
    observe: observer.boxes,
    changes: bell,
    comparable: {
      view: boxes,
      expect: createExpectations((box) => comparedObjects(box, options.settings), tryOutOn(client, stopping.signal)),
      secretChanged: secretCheckOn(client, stopping.signal),
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([observer.stopped, boxes.stopped]);
      await client.close();
    },
  };
}

async function matchBox(
  writer: Writer,
  desired: DesiredBox,
  config: BoxConfig | null,
  settings: ClusterSettings,
  report: ReportStep,
): Promise<void> {
  if (!config) throw new TypeError("a box to run has no configuration");
  const objects = boxObjects(desired, settings);
  const name = objects.namespace.metadata.name;
  const empty = await applyNamespace(writer, objects, report);
  await applyRest(writer, objects, { hash: toldHash(desired, config), empty }, report);
  if (!empty) await prune(writer, { namespace: name, objects: allObjects(objects), fence: desired.fence });
  const { generation } = config;
  const wish = { namespace: name, generation, report, moreMs: timeFor(desired) };
  if (desired.status === "active") await waitUntilRunning(writer, wish);
  else await waitUntilStopped(writer, name, report);
}

/** Extra time for a restore before the first start. */
const timeFor = ({ order }: DesiredBox): number => (order?.kind === "restore" ? order.timeout_seconds * 1_000 : 0);

/**
 * Writes the objects that limit the pod first, then the pod: it must never run without its policy. In a new
 * namespace (`empty`) nothing needs to be read first.
 */
async function applyRest(
  writer: Writer,
  objects: BoxObjects,
  { hash, empty }: { hash: string; empty: boolean },
  report: ReportStep,
): Promise<void> {
  await report("surroundings", "quota, limits, network policy, configuration, volume");
  const [{ version, told }, notice] = await allEnded([
    writeConfig(writer, objects, { hash, empty }),
    empty ? apply(writer, objects.volume).then(() => undefined) : applyVolume(writer, objects.volume),
    ...objects.bounds.map((object) => applyWhole(writer, object)),
  ]);
  if (told > 0) await report("configuration", "the running gateway was notified of its new configuration");
  if (notice) await report("volume", notice);
  await report("deployment", objects.deployment.spec?.replicas ? "the gateway should run" : "the gateway should stop");
  await applyWhole(writer, withSecretVersion(objects.deployment, version));
}

/** Writes the Secret; returns how many running pods were notified. */
async function writeConfig(
  writer: Writer,
  { namespace, secret }: BoxObjects,
  { hash, empty }: { hash: string; empty: boolean },
): Promise<{ version: string; told: number }> {
  const version = await writeSecret(writer, secret, empty);
  return { version, told: empty ? 0 : await touchPods(writer, namespace.metadata.name, hash) };
}

/**
 * A terminating namespace accepts no new objects: waits until it is gone, then creates it. True if this call created it,
 * so that it is empty.
 */
async function applyNamespace(writer: Writer, { namespace }: BoxObjects, report: ReportStep): Promise<boolean> {
  await report("namespace", namespace.metadata.name);
  const { made, body } = await applyAnswered(writer, namespace);
  if (!NamespaceView.parse(body).metadata.deletionTimestamp) return made;
  await waitUntilGone(writer, namespace.metadata.name, report);
  return (await applyAnswered(writer, namespace)).made;
}
