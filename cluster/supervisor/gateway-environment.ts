import { paths, type Settings } from "./config.ts";

/** The gateway's whole environment: no secret (those are in its configuration file), and no name that OpenClaw acts upon. */
export function gatewayEnvironment(settings: Settings): Record<string, string> {
  const where = paths(settings.stateDir);
  return {
    ...settings.inherited,
    HOME: where.home,
    OPENCLAW_STATE_DIR: where.openclawState,
    OPENCLAW_CONFIG_PATH: where.config,
    OPENCLAW_CONFIG_READONLY: "1",
    OPENCLAW_DISABLE_BONJOUR: "1",
    OPENCLAW_NO_AUTO_UPDATE: "1",
    // The supervisor owns the process: OpenClaw restarts itself within it.
    OPENCLAW_NO_RESPAWN: "1",
    // OpenClaw starts itself a second time to use a compile cache folder of its own, and keeps both processes. With
    // this it takes the folder that it is given.
    OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED: "1",
    DO_NOT_TRACK: "1",
  };
}
