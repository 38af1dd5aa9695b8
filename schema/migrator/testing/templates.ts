/** What tests' embedded databases begin with: making one takes seconds, loading one that is made some tenths. */
import { openAsBlob } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";

/** `empty`: as PostgreSQL makes it. `migrated`: with the newest schema. */
export type Template = "empty" | "migrated";

declare module "vitest" {
  export interface ProvidedContext {
    /** The folder of `makeTemplates`. */
    templates: string;
  }
}

/** In a test whose project has the global set-up of tests/harness/once-a-run.ts. */
export const template = (name: Template): Promise<Blob> => openAsBlob(join(inject("templates"), name));
