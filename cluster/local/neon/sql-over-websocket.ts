import { pipeline } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";
import type { Upgrade } from "../http/stand-in.ts";
import type { Backend } from "./backend.ts";

/**
 * PostgreSQL's wire protocol over a WebSocket at `/v2`, as Neon's `Pool` and `Client` use it. The `address`
 * that the client names is ignored: this leads to one database and nowhere else.
 */
export function sqlOverWebSocket(backend: Backend): { upgrade: Upgrade; close(): void } {
  const server = new WebSocketServer({ noServer: true });
  return {
    upgrade(request, socket, head) {
      if (request.url?.split("?")[0] !== "/v2") return false;
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const client = createWebSocketStream(webSocket);
        // Either end may vanish at any time; pipeline then ends the other.
        pipeline(client, backend.connect(), client, () => webSocket.close());
      });
      return true;
    },
    close() {
      for (const webSocket of server.clients) webSocket.terminate();
      server.close();
    },
  };
}
