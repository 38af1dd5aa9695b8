import { join } from "node:path";
import * as z from "zod";
import { bytesIfThere, readIfThere, writeAtomically } from "#cluster/system/atomic-file.ts";
import { newWorld, type World } from "./world.ts";

export interface Storage {
  world: World;
  /** Something in the world changed: write it soon. */
  changed(): void;
  saveFile(hash: string, bytes: Uint8Array): void;
  loadFile(hash: string): Uint8Array | undefined;
  /** Writes what is not written yet. */
  flush(): void;
}

const WRITE_AFTER_MS = 100;
const AGAIN_AFTER_MS = 1_000;

/** Only the outline: the file is written by this program alone. */
const Some = z.array(z.unknown());
const Stored = z.looseObject({ users: Some, bots: Some, dialogs: Some });

/** Keeps the world in a JSON file, and files beside it; without a path, in memory only. */
export function openStorage(path: string | undefined): Storage {
  const files = new Map<string, Uint8Array>();
  const world = (path && read(path)) || newWorld();
  let timer: NodeJS.Timeout | undefined;
  let wasTold = false;
  const flush = () => {
    if (timer === undefined || path === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    try {
      writeAtomically(path, JSON.stringify(world));
      wasTold = false;
    } catch (error) {
      // Chats go on in memory: a full disk must not end everything that runs beside them.
      if (!wasTold) console.warn(`The built-in Telegram can't store its chats, and tries again: ${messageOf(error)}`);
      wasTold = true;
      writeIn(AGAIN_AFTER_MS);
    }
  };
  const writeIn = (ms: number) => {
    timer ??= path === undefined ? undefined : setTimeout(flush, ms).unref();
  };
  const changed = () => writeIn(WRITE_AFTER_MS);
  // Store a new world at once, because its tokens must stay the same.
  changed();
  return {
    world,
    changed,
    flush,
    saveFile(hash, bytes) {
      files.set(hash, bytes);
      if (path) writeAtomically(join(`${path}.files`, hash), bytes);
    },
    loadFile(hash) {
      return files.get(hash) ?? (path ? bytesIfThere(join(`${path}.files`, hash)) : undefined);
    },
  };
}

function read(path: string): World | undefined {
  const text = readIfThere(path);
  // An empty file is a damaged one: a new world would have other tokens than the boxes use.
  if (text === null) return undefined;
  try {
    return asWorld(Stored.parse(JSON.parse(text)));
  } catch (cause) {
    throw new Error(`${path} is not a stored Telegram world: delete it to start with a new one`, { cause });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const asWorld = (stored: unknown): World => stored as World;
