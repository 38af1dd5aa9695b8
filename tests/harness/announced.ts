import { request } from "node:http";

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
