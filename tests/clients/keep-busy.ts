/** Uses up a token's requests, as fast as they come back, until it is stopped. */
export function keepBusy(url: string, token: string): { stop(): Promise<void> } {
  let stopped = false;
  const hammer = async () => {
    while (!stopped) {
      const answer = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
      await answer.arrayBuffer();
    }
  };
  const hammers = Promise.all([hammer(), hammer(), hammer()]);
  return {
    async stop() {
      stopped = true;
      await hammers;
    },
  };
}
