/** Calls that wait for the end of a reservation. In memory only: they break when the object ends, and are repeated. */
export function createWatchers<T>() {
  const waiting = new Map<string, ((answer: T) => void)[]>();
  return {
    wait: (id: string): Promise<T> =>
      new Promise((done) => {
        waiting.set(id, [...(waiting.get(id) ?? []), done]);
      }),
    notify(id: string, answer: T): void {
      const told = waiting.get(id) ?? [];
      waiting.delete(id);
      for (const done of told) done(answer);
    },
  };
}
