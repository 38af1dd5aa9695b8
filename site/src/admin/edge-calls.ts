/** The calls of `/internal/*` that this page makes, bound to the operator's key. */
import { createContext, use } from "react";
import type * as z from "zod";
import {
  Accepted,
  Box,
  BoxList,
  Job,
  JobList,
  type ProvisionRequest,
  type UpdateRequest,
} from "#schema/contracts/internal.ts";
import { Metrics } from "#schema/contracts/metrics.ts";
import {
  CreatedToken,
  type CreateTokenRequest,
  type LookupTokenRequest,
  RotatedToken,
  Token,
  TokenList,
} from "#schema/contracts/tokens.ts";
import { type Call, callEdge } from "../edge/call-edge.ts";
import type { BoxVerb } from "./box-verbs.ts";

export interface Filter {
  status: string;
  search: string;
  /** Of boxes. */
  health?: string;
}

/** Leaves out what is empty. */
function query(values: Record<string, string | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) params.set(name, value);
  return params.size > 0 ? `?${params}` : "";
}

export function edgeCalls(key: string) {
  const get = <T>(path: `/internal/${string}`, answer: z.ZodType<T>, signal?: AbortSignal) =>
    callEdge({ key, path, answer, ...(signal && { signal }) });
  const post = <T>(path: `/internal/${string}`, answer: z.ZodType<T>, more: Pick<Call<T>, "body" | "once"> = {}) =>
    callEdge({ key, path, answer, method: "POST", ...more });
  return {
    /** `once`: the same key for every attempt to send a request. */
    provision: ({ request, once }: { request: ProvisionRequest; once: string }) =>
      post("/internal/provision", Accepted, { body: request, once }),
    boxes: ({ status, search: q, health }: Filter, cursor?: string, signal?: AbortSignal) =>
      get(`/internal/boxes${query({ status, health, q, cursor })}`, BoxList, signal),
    box: (id: string, signal?: AbortSignal) => get(`/internal/boxes/${id}`, Box, signal),
    jobs: (boxId?: string, cursor?: string, signal?: AbortSignal) =>
      get(`/internal/jobs${query({ box_id: boxId, cursor })}`, JobList, signal),
    job: (id: string, signal?: AbortSignal) => get(`/internal/jobs/${id}`, Job, signal),
    change: (verb: BoxVerb, boxId: string) => post(`/internal/${verb}/${boxId}`, Accepted),
    update: (boxId: string, request: UpdateRequest) => post(`/internal/update/${boxId}`, Accepted, { body: request }),
    tokens: ({ status, search: email }: Filter, cursor?: string, signal?: AbortSignal) =>
      get(`/internal/tokens${query({ status, email, cursor })}`, TokenList, signal),
    createToken: (request: CreateTokenRequest) => post("/internal/tokens", CreatedToken, { body: request }),
    lookupToken: (request: LookupTokenRequest) => post("/internal/tokens/lookup", Token, { body: request }),
    rotateToken: (id: string, overlapSeconds?: number) =>
      post(`/internal/tokens/${id}/rotate`, RotatedToken, { body: { overlap_seconds: overlapSeconds } }),
    revokeToken: (id: string) => post(`/internal/tokens/${id}/revoke`, Token),
    metrics: (hours: string, signal?: AbortSignal) => get(`/internal/metrics${query({ hours })}`, Metrics, signal),
    changeJob: (verb: "retry" | "cancel", jobId: string) => post(`/internal/jobs/${jobId}/${verb}`, Job),
  };
}

export type EdgeCalls = ReturnType<typeof edgeCalls>;

export const EdgeContext = createContext<EdgeCalls | undefined>(undefined);

export function useEdge(): EdgeCalls {
  const calls = use(EdgeContext);
  if (!calls) throw new Error("useEdge needs a signed-in operator around it");
  return calls;
}
