/** Calls that wait for the end of a reservation. In memory only: they break when the object ends, and are repeated. */
export interface Watchers<T> {
  wait(id: string): Promise<T>;
  notify(id: string, answer: T): void;
}

export function createWatchers<T>(): Watchers<T> {
  const waiting = new Map<string, ((answer: T) => void)[]>();
  return {
    wait: (id) =>
      new Promise((done) => {
        waiting.set(id, [...(waiting.get(id) ?? []), done]);
      }),
    notify(id, answer) {
      const told = waiting.get(id) ?? [];
      waiting.delete(id);
      for (const done of told) done(answer);
    },
  };
}
