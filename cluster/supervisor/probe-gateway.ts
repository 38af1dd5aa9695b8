/** The results of the gateway's own probes. */
export interface Probe {
  /** Its HTTP server answers. */
  live: boolean;
  /** Everything that starts beside it is up; says nothing about the channel. */
  started: boolean;
  /** Started, and the channel works. */
  ready: boolean;
  /** OpenClaw's names of what keeps it from being ready. */
  failing: string[];
}

export const SILENT: Probe = { live: false, started: false, ready: false, failing: [] };

/** Asks the gateway on loopback; never throws. */
export async function probeGateway(port: number, timeoutMs = 3_000): Promise<Probe> {
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(timeoutMs) });
    return { ok: response.ok, body: (await response.json().catch(() => ({}))) as { failing?: unknown } };
  };
  try {
    const [started, ready] = await Promise.all([ask("/startupz"), ask("/readyz")]);
    const failing = Array.isArray(ready.body.failing) ? ready.body.failing.filter((it) => typeof it === "string") : [];
    return { live: true, started: started.ok, ready: ready.ok, failing };
  } catch {
    return SILENT;
  }
}
