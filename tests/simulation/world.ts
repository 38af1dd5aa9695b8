/** The simulated cluster: it accepts every write and records it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "#cluster/system/listen.ts";
import type { DesiredStatus } from "#schema/domain/states.ts";
import type { Seen } from "./history.ts";

/** What an agent says it does. */
export type Told = Distributed<Exclude<Seen, { kind: "killed" }>>;
type Distributed<T> = T extends unknown ? Omit<T, "at"> : never;

/** How a box is; a box that was never built is at generation 0. */
export interface BoxState {
  generation: number;
  status: DesiredStatus | "absent";
}

export interface World {
  url: string;
  deeds: Seen[];
  killed(agent: string): void;
  /** The deeds of one process. */
  count(agent: string): number;
  /** Boxes that the agent at this place is at work on. */
  busyAt(place: string): string[];
  close(): Promise<void>;
}

const ABSENT: BoxState = { generation: 0, status: "absent" };

/** No fence is checked here: that nobody writes under an old one has to come from the leases alone. */
export async function startWorld(): Promise<World> {
  const deeds: Seen[] = [];
  const states = new Map<string, BoxState>();
  const work = new Map<string, string>();
  const counts = new Map<string, number>();

  const take = (told: Told): BoxState => {
    deeds.push({ ...told, at: Date.now() });
    const { kind, box, agent } = told;
    counts.set(agent, (counts.get(agent) ?? 0) + 1);
    if (kind === "begun") work.set(box, agent);
    else if (kind !== "wrote") work.delete(box);
    const before = states.get(box) ?? ABSENT;
    if (kind === "ended") states.set(box, { generation: told.generation, status: told.status });
    return before;
  };

  const server = createServer(async (request, response) => answer(response, take(await read(request))));
  const { url, close } = await listen(server, 0, "127.0.0.1");
  return {
    url,
    deeds,
    killed(agent) {
      deeds.push({ kind: "killed", at: Date.now(), agent });
      for (const [box, by] of work) if (by === agent) work.delete(box);
    },
    count: (agent) => counts.get(agent) ?? 0,
    busyAt: (place) => [...work].flatMap(([box, agent]) => (agent.startsWith(`${place}#`) ? [box] : [])),
    close,
  };
}

/** Only our own agents speak here. */
async function read(request: IncomingMessage): Promise<Told> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as Told;
}

function answer(response: ServerResponse, body: BoxState): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
