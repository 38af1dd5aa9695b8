import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { Target } from "./probe-box.ts";

/**
 * Somebody on the internet who wants to be told a box's secrets: an address that no box may reach, listening on the
 * ports that get out of most networks (HTTPS and QUIC on 443, DNS on 53).
 */
export interface Outside {
  targets: Target[];
  /** The names of those who got through, each once. */
  heard(): string[];
  close(): void;
}

export async function listenOutside(): Promise<Outside> {
  const { OUTSIDE_HOST: host } = process.env;
  if (!host) {
    throw new Error(
      "This suite needs OUTSIDE_HOST: an address of this machine that pods can reach where no policy forbids it, and that is not EDGE_HOST.",
    );
  }
  const heard = new Set<string>();
  const servers = await Promise.all([443, 53].map((port) => listenTcp(host, port, heard)));
  const sockets = await Promise.all([443, 53].map((port) => listenUdp(host, port, heard)));
  return {
    targets: [
      { name: "outside by HTTPS", protocol: "tcp", host, port: 443 },
      { name: "outside by QUIC", protocol: "udp", host, port: 443 },
      { name: "outside by DNS over TCP", protocol: "tcp", host, port: 53 },
      { name: "outside by DNS", protocol: "udp", host, port: 53 },
    ],
    heard: () => [...heard],
    close() {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.close();
    },
  };
}

async function listenTcp(host: string, port: number, heard: Set<string>): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (data) => heard.add(data.toString()));
  });
  server.listen(port, host);
  await once(server, "listening");
  return server;
}

async function listenUdp(host: string, port: number, heard: Set<string>): Promise<Socket> {
  const socket = createSocket("udp4", (data, from) => {
    heard.add(data.toString());
    socket.send("heard", from.port, from.address);
  });
  socket.bind(port, host);
  await once(socket, "listening");
  return socket;
}
