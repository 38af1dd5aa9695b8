import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { SEAL_BYTES } from "#schema/contracts/state-transfer.ts";
import { StateError } from "./state-error.ts";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A part's position, which is authenticated: a part that was moved or is of another backup can't be opened. */
export interface Place {
  backupId: string;
  index: number;
  isLast: boolean;
}

/** `iv | ciphertext | tag`, AES-256-GCM. */
export function sealPart(key: Buffer, place: Place, plain: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(textOf(place));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws StateError if the part was changed, moved or sealed under another key. */
export function openPart(key: Buffer, place: Place, sealed: Buffer): Buffer {
  if (sealed.length < SEAL_BYTES) throw damaged(place);
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(textOf(place));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw damaged(place, error);
  }
}

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

const textOf = ({ backupId, index, isLast }: Place): Buffer =>
  Buffer.from(`backup|${backupId}|${index}|${isLast ? "last" : "more"}`);

export const damaged = ({ index }: Pick<Place, "index">, cause?: unknown): StateError =>
  new StateError(`The backup is damaged: its part ${index + 1} differs from what was stored`, "backup_unusable", cause);
