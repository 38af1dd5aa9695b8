/** Paths whose format vendors define: the model endpoints and the hooks. Listed, not described. */
import { FAILED_HOOK, JOBS_HOOK } from "../../integrations/qstash.ts";
import { ENDPOINTS } from "../../models/endpoint.ts";
import type { Document, Json, OperationObject } from "./objects.ts";

const MODELS = "Models";
const HOOKS = "Hooks";
const BODY = { required: true, content: { "application/json": { schema: { type: "object" } } } };

const listed = (tag: string, credential: string, summary: string, more: Partial<OperationObject>): OperationObject => ({
  tags: [tag],
  summary,
  security: [{ [credential]: [] }],
  parameters: [],
  responses: { 200: { description: "In the vendor's format", headers: {}, content: {} } },
  ...more,
});

const model = (summary: string, more: Partial<OperationObject> = {}) => listed(MODELS, "proxyToken", summary, more);
const call = (summary: string): Json => ({ post: model(summary, { requestBody: BODY }) });
const hook = (summary: string): Json => ({ post: listed(HOOKS, "qstashSignature", summary, { requestBody: BODY }) });
const id = { name: "id", in: "path", required: true, schema: { type: "string" } };

export const BESIDE = {
  tags: [{ name: MODELS }, { name: HOOKS }],
  paths: {
    ...Object.fromEntries(ENDPOINTS.map((endpoint) => [`/v1/${endpoint}`, call(`Call a model by ${endpoint}`)])),
    "/coding/v1/messages": call("Call a model by messages"),
    "/v1/messages/count_tokens": call("Estimate a prompt"),
    "/coding/v1/messages/count_tokens": call("Estimate a prompt"),
    "/v1/models": { get: model("List models") },
    "/v1/models/{id}": { get: model("One model", { parameters: [id] }) },
    [JOBS_HOOK]: hook("QStash wakes the mailbox for a job"),
    [FAILED_HOOK]: hook("QStash gave up a delivery"),
  } as Document["paths"],
  securitySchemes: {
    proxyToken: { type: "http", scheme: "bearer", description: "A proxy token; also accepted as `x-api-key`" },
    qstashSignature: {
      type: "apiKey",
      in: "header",
      name: "Upstash-Signature",
      description: "QStash's signature of the body",
    },
  },
};
