/** Who waits for word of an open reservation. In memory only: the waiting call breaks with the object, and comes again. */
export interface Watchers<T> {
  wait(id: string): Promise<T>;
  tell(id: string, word: T): void;
}

export function createWatchers<T>(): Watchers<T> {
  const waiting = new Map<string, ((word: T) => void)[]>();
  return {
    wait: (id) =>
      new Promise((done) => {
        waiting.set(id, [...(waiting.get(id) ?? []), done]);
      }),
    tell(id, word) {
      const told = waiting.get(id) ?? [];
      waiting.delete(id);
      for (const done of told) done(word);
    },
  };
}
