import type { Volume } from "../desired/kube-object.ts";
import { KubeError } from "./kube-error.ts";
import { objectPath } from "./resource-path.ts";
import { VolumeView } from "./views.ts";
import { apply, readIfThere, type Writer } from "./write.ts";

/** Returns a message for operators if the volume is not as desired. */
export async function applyVolume(writer: Writer, desired: Volume): Promise<string | undefined> {
  const found = await readIfThere(writer, objectPath(desired));
  if (!found) {
    await apply(writer, desired);
    return undefined;
  }
  const { staysAt } = await writeFitting(desired, VolumeView.parse(found), (volume) => apply(writer, volume));
  return staysAt && `The volume stays at ${staysAt}: its storage class can't grow it.`;
}

/**
 * A claim can't shrink or change its class or access modes, and grows only if its storage class allows it. So a bigger one is
 * kept, and one that can't grow stays as it is: the memory is worth more than its size.
 * Returns the answer, and the size if it could not grow.
 */
export async function writeFitting<T>(
  desired: Volume,
  existing: VolumeView,
  write: (volume: Volume) => Promise<T>,
): Promise<{ answer: T; staysAt?: string }> {
  const wanted = fitted(desired, existing);
  try {
    return { answer: await write(wanted) };
  } catch (error) {
    if (!(error instanceof KubeError) || (error.status !== 403 && error.status !== 422)) throw error;
    const size = existing.spec.resources.requests.storage;
    if (storageOf(wanted) === size) throw error;
    return { answer: await write(withStorage(wanted, size)), staysAt: size };
  }
}

/** The desired claim with the class and access modes of the existing one, and not smaller than it. Pure. */
export function fitted(desired: Volume, existing: VolumeView): Volume {
  const { accessModes, storageClassName, resources } = existing.spec;
  const size = resources.requests.storage;
  const wanted = gibibytes(storageOf(desired)) >= gibibytes(size) ? desired : withStorage(desired, size);
  return { ...wanted, spec: { ...wanted.spec, accessModes, ...(storageClassName && { storageClassName }) } };
}

const storageOf = (volume: Volume): string => volume.spec?.resources?.requests?.storage ?? "0Gi";

const withStorage = (volume: Volume, storage: string): Volume => ({
  ...volume,
  spec: { ...volume.spec, resources: { requests: { storage } } },
});

const UNITS: Record<string, number> = { Mi: 1 / 1_024, Gi: 1, Ti: 1_024 };

/** Only the units that we or an operator would use; any other counts as bigger, so that it is kept. */
function gibibytes(quantity: string): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(Mi|Gi|Ti)$/.exec(quantity) ?? [];
  const factor = UNITS[unit];
  return factor === undefined ? Number.POSITIVE_INFINITY : Number(amount) * factor;
}
