import { request } from "node:http";
import { json } from "node:stream/consumers";

/** The status for a body that is announced and never sent: a client that is still sending may not live to see a refusal. */
export function statusOfAnnounced(
  url: string,
  method: string,
  headers: Record<string, string>,
  bytes: number,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers: { ...headers, "content-length": bytes } });
    call.on("response", (response) => {
      resolve(response.statusCode);
      call.destroy();
    });
    call.on("error", reject).flushHeaders();
  });
}

/** The problem that answers a body of which one byte comes each half second. */
export function answerToTrickle(
  url: string,
  method: string,
  headers: Record<string, string>,
  bytes: number,
): Promise<{ status: number | undefined; body: unknown }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers: { ...headers, "content-length": bytes } });
    const dripping = setInterval(() => call.write("x"), 500);
    call.on("response", async (response) => {
      clearInterval(dripping);
      resolve({ status: response.statusCode, body: await json(response) });
      call.destroy();
    });
    call.on("error", reject);
  });
}
