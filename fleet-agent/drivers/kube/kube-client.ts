import type { RequestOptions } from "node:https";
import { Agent, type Dispatcher, request } from "undici";
import { withoutSlash } from "#schema/domain/urls.ts";
import { KubeError } from "./kube-error.ts";
import { type RequestLabels, requestLabels } from "./request-labels.ts";

export interface KubeRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  contentType?: string;
  accept?: string;
  /** In addition to every request's headers. */
  headers?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

/** Called for each answer, or for none (`code` is then `error`, or `aborted` if we closed the request); `seconds` end with the response headers. */
export type RequestObserver = (seen: RequestLabels & { code: string; seconds: number }) => void;

/** The API server, over one shared pool of connections. Requests throw `KubeError`, or undici's error if no answer came. */
export interface KubeClient {
  json(request: KubeRequest): Promise<unknown>;
  /** The same with the answer's status: 201 means that a server-side apply created the object. */
  answer(request: KubeRequest): Promise<{ status: number; body: unknown }>;
  /** The answer line by line, for watches; ends when the server ends it. */
  lines(request: KubeRequest): AsyncGenerator<string>;
  /** Called for each restarted watch, for metrics. */
  restarted?(path: string, why: Restart): void;
  close(): Promise<void>;
}

/** `ended`: the server's timeout. `gone`: the watch's history expired. `failed`: anything else. */
export type Restart = "ended" | "gone" | "failed";

/** Counts requests to the API server. */
export interface KubeObserver {
  requests: RequestObserver;
  watchRestarted(resource: string, why: Restart): void;
}

const TIMEOUT_MS = 30_000;
/** Tokens on disk rotate about hourly and stay valid long after, so they are not read for each request. */
const CREDENTIALS_MS = 30_000;

/** The cluster's address and our credentials. The library's KubeConfig is one. */
export interface ClusterAccess {
  getCurrentCluster(): { server: string } | null;
  /** Adds the TLS options, and a header or user and password. */
  applyToHTTPSOptions(options: RequestOptions): Promise<void>;
}

/**
 * Requests bypass the library's generated client, which opens a TLS connection for each and drops fields that its types
 * don't know.
 */
export async function connectKube(config: ClusterAccess, observer?: KubeObserver): Promise<KubeClient> {
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error("the kubeconfig names no current cluster");
  const server = withoutSlash(cluster.server);
  const dispatcher = await openPool(config);
  const authorization = cachedAuthorization(config);

  const send = async (call: KubeRequest, bodyTimeout: number) => {
    const startedAt = performance.now();
    const answered = (code: string) =>
      observer?.requests({ ...requestLabels(call), code, seconds: (performance.now() - startedAt) / 1_000 });
    const query = call.query ? `?${new URLSearchParams(call.query)}` : "";
    const response = await request(server + call.path + query, {
      method: call.method,
      dispatcher,
      headers: {
        ...call.headers,
        ...(await authorization()),
        accept: call.accept ?? "application/json",
        "content-type": call.contentType ?? "application/json",
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      headersTimeout: call.timeoutMs ?? TIMEOUT_MS,
      bodyTimeout,
      signal: call.signal ?? null,
    }).catch((error: unknown) => {
      // The caller may have got what it waited for.
      answered(call.signal?.aborted ? "aborted" : "error");
      throw error;
    });
    answered(String(response.statusCode));
    if (response.statusCode < 300) return response;
    const retryAfter = response.headers["retry-after"];
    throw KubeError.parse(response.statusCode, retryAfter?.toString(), await response.body.text());
  };

  return {
    json: async (call) => (await send(call, TIMEOUT_MS)).body.json(),
    answer: async (call) => {
      const { statusCode: status, body } = await send(call, TIMEOUT_MS);
      return { status, body: await body.json() };
    },
    lines: async function* (call) {
      yield* splitLines((await send(call, call.timeoutMs ?? 0)).body);
    },
    restarted: (path, why) => observer?.watchRestarted(requestLabels({ method: "GET", path }).resource, why),
    close: () => dispatcher.destroy(),
  };
}

async function openPool(config: ClusterAccess): Promise<Dispatcher> {
  const tls: RequestOptions = {};
  await config.applyToHTTPSOptions(tls);
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized } = tls;
  const servername = "servername" in tls ? { servername: String(tls.servername) } : {};
  const given = Object.entries({ ca, cert, key, pfx, passphrase, rejectUnauthorized }).filter(
    ([, value]) => value !== undefined,
  );
  return new Agent({
    connect: {
      ...Object.fromEntries(given),
      ...servername,
      timeout: 10_000,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
    },
    keepAliveTimeout: 60_000,
  });
}

function cachedAuthorization(config: ClusterAccess): () => Promise<Record<string, string>> {
  let cached: { headers: Record<string, string>; until: number } | undefined;
  return async () => {
    if (!cached || cached.until < performance.now()) {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      cached = { headers: headersOf(options), until: performance.now() + CREDENTIALS_MS };
    }
    return cached.headers;
  };
}

function headersOf({ headers, auth }: RequestOptions): Record<string, string> {
  if (auth) return { authorization: `Basic ${Buffer.from(auth).toString("base64")}` };
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}

async function* splitLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest) yield rest;
}
