/** `/v1/*`: the model API for pods and customers' own programs, in OpenAI's and Anthropic's shapes. */
import { type Context, Hono } from "hono";
import type { AppEnv } from "../http/app-env.ts";
import { ENDPOINTS, type Endpoint } from "../models/endpoint.ts";
import { authenticate } from "../proxy/authenticate.ts";
import { dialectOf } from "../proxy/dialects/dialect.ts";
import { findModel, modelList, modelView } from "../proxy/find-model.ts";
import { meterClient } from "../proxy/meter-client.ts";
import { readModelCall } from "../proxy/model-call.ts";
import { errorResponse, ProxyError } from "../proxy/proxy-error.ts";
import { readBody } from "../proxy/read-body.ts";
import { refusalError } from "../proxy/refusal.ts";
import { serveModel } from "../proxy/serve-model.ts";
import { logFailure } from "../proxy/told-failure.ts";
import { dataPoint } from "../services/metrics/data-point.ts";

type Handler = (c: Context<AppEnv>) => Promise<Response>;

const model =
  (endpoint: Endpoint): Handler =>
  (c) =>
    serveModel(c.env, c.var.ctx, c.req.raw, endpoint);

const models: Handler = async (c) => {
  await admit(c);
  return c.json(modelList(c.var.ctx.config.MODEL_TABLE), 200, NO_STORE);
};

/** The id may hold a slash, raw or encoded: it is the rest of the path. */
const oneModel: Handler = async (c) => {
  await admit(c);
  return c.json(modelView(findModel(c.var.ctx.config.MODEL_TABLE, c.req.param("id"))), 200, NO_STORE);
};

/** The answer depends on the caller. */
const NO_STORE = { "cache-control": "no-store" };

/** Our own estimate, free of charge; requests are charged by the provider's figures. */
const countTokens: Handler = async (c) => {
  await admit(c);
  const { json, bytes } = await readBody(c.req.raw);
  const body = { json: { ...json, max_tokens: 1 }, bytes };
  const call = readModelCall(c.var.ctx.config.MODEL_TABLE, "messages", body);
  return c.json({ input_tokens: call.promptEstimate }, 200, NO_STORE);
};

const unknown: Handler = async (c) => {
  throw new ProxyError("not_found", `There is no ${c.req.method} ${c.req.path}`);
};

/** Checks the token and takes one request out of its bucket. */
async function admit(c: Context<AppEnv>): Promise<void> {
  const { ctx } = c.var;
  const caller = await authenticate(c.req.raw.headers, await ctx.tokenKeys);
  const answer = await meterClient(c.env.TOKEN_METER, caller.customerId).admit(caller);
  if (!answer.ok) {
    throw refusalError(answer, { upgradeLink: `${ctx.config.PUBLIC_URL}/pricing`, now: ctx.now().getTime() });
  }
}

/** Every error has the shape of the API that was called; an internal one shows only the request id. */
function inDialect(handler: Handler): Handler {
  return async (c) => {
    const { ctx } = c.var;
    ctx.log.also((line) => c.env.USAGE_METRICS?.writeDataPoint(dataPoint(line)));
    try {
      return await handler(c);
    } catch (thrown) {
      const error =
        thrown instanceof ProxyError ? thrown : new ProxyError("internal", `Error on our side (${ctx.requestId})`);
      if (error.kind === "internal") ctx.log.error(thrown);
      logFailure(ctx, error);
      return errorResponse(dialectOf(c.req.path, c.req.raw.headers), error, ctx.requestId);
    }
  };
}

export const proxyRoutes = new Hono<AppEnv>();

for (const endpoint of ENDPOINTS) proxyRoutes.post(`/v1/${endpoint}`, inDialect(model(endpoint)));
proxyRoutes.post("/coding/v1/messages", inDialect(model("messages")));
proxyRoutes.post("/v1/messages/count_tokens", inDialect(countTokens));
proxyRoutes.post("/coding/v1/messages/count_tokens", inDialect(countTokens));
proxyRoutes.get("/v1/models", inDialect(models));
proxyRoutes.get("/v1/models/:id{.+}", inDialect(oneModel));
proxyRoutes.all("/v1/*", inDialect(unknown));
proxyRoutes.all("/coding/*", inDialect(unknown));
