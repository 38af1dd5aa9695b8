/** Which agent gets the next job: the one with the most room. */
export interface Roomy {
  holder: string;
  capacity: number;
}

const roomOf = (connection: Roomy, held: ReadonlyMap<string, number>): number =>
  Math.max(0, connection.capacity - (held.get(connection.holder) ?? 0));

/** How many jobs all of them together may still take. */
export const totalRoom = (connections: readonly Roomy[], held: ReadonlyMap<string, number>): number =>
  connections.reduce((sum, connection) => sum + roomOf(connection, held), 0);

/** Undefined if no agent has room. */
export function roomiest<C extends Roomy>(connections: readonly C[], held: ReadonlyMap<string, number>): C | undefined {
  const [best] = connections.toSorted((a, b) => roomOf(b, held) - roomOf(a, held));
  return best && roomOf(best, held) > 0 ? best : undefined;
}

/**
 * How many more background jobs may be granted: at most half of all slots, so that a job that somebody
 * waits for finds a slot at once.
 */
export function backgroundRoom(connections: readonly Roomy[], held: number): number {
  const places = connections.reduce((sum, { capacity }) => sum + capacity, 0);
  return places === 0 ? 0 : Math.max(0, Math.max(1, Math.floor(places / 2)) - held);
}
