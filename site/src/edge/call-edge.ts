/** One request to `/internal/*`, its answer checked against the contract. */
import type * as z from "zod";
import { EdgeError, edgeErrorOf } from "./edge-error.ts";

export interface Call<T> {
  key: string;
  path: `/internal/${string}`;
  method?: "GET" | "POST";
  body?: unknown;
  answer: z.ZodType<T>;
  signal?: AbortSignal;
  /** Idempotency-Key: the edge does a request with the same key once. */
  once?: string;
}

/** @throws EdgeError with a message for the operator. */
export async function callEdge<T>(call: Call<T>): Promise<T> {
  const response = await send(call);
  if (!response.ok) throw await edgeErrorOf(response);
  const answer = call.answer.safeParse(await response.json().catch(() => undefined));
  if (answer.success) return answer.data;
  throw new EdgeError("The edge's answer has another shape than this page knows. Reload the page.", response.status, {
    requestId: response.headers.get("x-request-id") ?? undefined,
  });
}

async function send({ key, path, method = "GET", body, signal, once }: Call<unknown>): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${key}`, accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (once) headers["idempotency-key"] = once;
  const init: RequestInit = { method, headers, cache: "no-store", credentials: "omit", redirect: "error" };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  try {
    return await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new EdgeError("The edge does not answer. Check the connection and try again.", 0);
  }
}
