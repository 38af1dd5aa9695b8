import { expect, test } from "vitest";
import { readSettings } from "./config.ts";

const NEEDED = { BOX_CONFIG_DIR: "/etc/box", STATE_DIR: "/data", OPENCLAW_DIR: "/opt/openclaw" };

test("defaults are a pod's", () => {
  expect(readSettings(NEEDED)).toMatchObject({
    gatewayPort: 18_789,
    healthPort: 8_080,
    bindHost: "0.0.0.0",
    warmUp: "without-bot",
    stopGraceMs: 20_000,
    terminationLog: "/dev/termination-log",
  });
  expect(readSettings({ ...NEEDED, STOP_GRACE_SECONDS: "50" }).stopGraceMs).toBe(50_000);
  expect(() => readSettings({ ...NEEDED, STOP_GRACE_SECONDS: "a minute" })).toThrow("STOP_GRACE_SECONDS");
  expect(readSettings({ ...NEEDED, WARM_UP: "0", GATEWAY_PORT: "5" })).toMatchObject({
    warmUp: "never",
    gatewayPort: 5,
  });
  expect(readSettings({ ...NEEDED, WARM_UP: "1" })).toMatchObject({ warmUp: "always" });
});

test("everything that is missing or wrong is told at once, without values", () => {
  expect(() => readSettings({ STATE_DIR: "/data", HEALTH_PORT: "secret" })).toThrow(
    /^the supervisor's environment: BOX_CONFIG_DIR is missing, OPENCLAW_DIR is missing, HEALTH_PORT is not a port$/,
  );
});

test("the gateway inherits only what is listed: a provider's key would make OpenClaw install a plugin", () => {
  const env = {
    ...NEEDED,
    PATH: "/bin",
    NODE_OPTIONS: "--max-old-space-size=640",
    KIMI_API_KEY: "k",
    HOME: "/root",
    TZ: "",
  };
  expect(readSettings(env).inherited).toEqual({ PATH: "/bin", NODE_OPTIONS: "--max-old-space-size=640" });
});
