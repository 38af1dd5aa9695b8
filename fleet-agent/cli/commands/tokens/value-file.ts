import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { CommandError, EXIT } from "../exit-codes.ts";

/** Where a token's value is kept, since it is shown only once and never printed. */
export interface ValueFile {
  path: string;
  fd: number;
  written: boolean;
  close(): void;
}

/** Opened before anything is sent: a value that can't be kept would be lost. */
export function openValueFile(path: string): ValueFile {
  try {
    const file: ValueFile = {
      path,
      fd: openSync(path, "wx", 0o600),
      written: false,
      close: () => {
        closeSync(file.fd);
        if (!file.written) rmSync(path, { force: true });
      },
    };
    return file;
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new CommandError(EXIT.usage, `${path} ${exists ? "exists already" : "can't be written"}: nothing was sent.`);
  }
}

export function writeValue(file: ValueFile, value: string | null): void {
  if (value === null) return;
  writeSync(file.fd, `${value}\n`);
  file.written = true;
}
