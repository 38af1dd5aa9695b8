import { homedir } from "node:os";
import { join } from "node:path";

/** The environment of building and fetching, read only here in this folder. */
export interface ImageConfig {
  /** Where fetched and built things are kept between runs; safe to delete. */
  cacheDir: string;
  /** The npm program that runs us, if we run from an npm script. */
  npmProgram: string | undefined;
  searchPath: string;
  environment: NodeJS.ProcessEnv;
}

export function imageConfig(env: NodeJS.ProcessEnv = process.env): ImageConfig {
  return {
    cacheDir: join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "openclaw-cloud"),
    npmProgram: env.npm_execpath,
    searchPath: env.PATH ?? "",
    environment: env,
  };
}
