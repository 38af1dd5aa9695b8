import { bodyLimit as honoBodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { AppError } from "#schema/domain/errors.ts";
import type { AppEnv } from "./app-env.ts";

/** 413 for a body above `bytes`, before it is read whole. */
export const bodyLimit = (bytes: number) =>
  honoBodyLimit({
    maxSize: bytes,
    onError: () => {
      throw new AppError("payload_too_large", `The body may be at most ${bytes} bytes`);
    },
  });

/** 415 for a body that is not JSON. */
export const jsonOnly = () =>
  createMiddleware<AppEnv>(async function jsonOnly(c, next) {
    const hasBody = c.req.raw.body !== null && c.req.header("content-length") !== "0";
    const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
    if (hasBody && type !== "application/json") {
      throw new AppError("unsupported_media_type", "Send the body with content-type application/json");
    }
    await next();
  });
