import { AppError } from "#schema/domain/errors.ts";
import type { Config } from "../../config.ts";
import type { Ctx } from "../../context.ts";
import { type ObjectStorage, openObjectStorage } from "../../integrations/object-storage.ts";
import { counted } from "../counted.ts";

const opened = new WeakMap<Config, ObjectStorage | undefined>();

/** Undefined if none is configured. */
export function storageIfAny({ config, turn }: Ctx): ObjectStorage | undefined {
  if (!opened.has(config)) opened.set(config, openObjectStorage(config));
  const storage = opened.get(config);
  return storage && turn ? counted(turn, storage) : storage;
}

/** Throws `conflict` if none is configured. */
export function storageOf(ctx: Ctx): ObjectStorage {
  const storage = storageIfAny(ctx);
  if (!storage)
    throw new AppError("conflict", "Backups need object storage: set BACKUP_S3_URL and the other BACKUP_S3_ variables");
  return storage;
}
