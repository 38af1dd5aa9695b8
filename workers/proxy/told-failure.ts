/**
 * A failure of the model as the owner of a box reads it: as a message of the agent, in the owner's language. OpenClaw
 * answers errors with up to nine retries in more than a minute, switches the provider off, or says what nobody can do.
 */
import type { Language } from "#schema/domain/models.ts";
import type { Ctx } from "../context.ts";
import type { Granted } from "../contracts/meter.ts";
import { messagesIn } from "../messages/messages.ts";
import { type AssistantMessage, messageResponse } from "./dialects/assistant-message.ts";
import type { ModelCall } from "./model-call.ts";
import type { ProxyError } from "./proxy-error.ts";

/**
 * Whether an owner reads the answer. An agent's turn has tools. What has none is OpenClaw's own: a text of ours in place of
 * the summary it asks for would replace the owner's conversation.
 */
export function isTurn({ endpoint, body: { tools } }: ModelCall): boolean {
  return endpoint !== "embeddings" && Array.isArray(tools) && tools.length > 0;
}

/** The language to tell this call's failures in; undefined where the client wants errors. */
export const languageFor = (call: ModelCall, { toldIn }: Pick<Granted, "toldIn">): Language | undefined =>
  isTurn(call) ? (toldIn ?? undefined) : undefined;

export function assistantMessage(ctx: Ctx, call: ModelCall, text: string): AssistantMessage {
  const { dialect, stream, body } = call;
  return { dialect, stream, model: String(body.model), id: ctx.requestId, text, now: ctx.now().getTime() };
}

/** Throws the failure where it is not told as a message: for other clients, and where the request itself is wrong. */
export function tellFailure(ctx: Ctx, call: ModelCall, granted: Granted, thrown: ProxyError): Response {
  const language = languageFor(call, granted);
  if (!language || !thrown.failure) throw thrown;
  logFailure(ctx, thrown);
  const { modelBusy, modelUnavailable } = messagesIn(language);
  return messageResponse(assistantMessage(ctx, call, thrown.failure === "model_busy" ? modelBusy : modelUnavailable));
}

/** What the request's line says of an error, whatever the client is told. */
export function logFailure({ log }: Ctx, { kind, failure, upstreamStatus }: ProxyError): void {
  const outcome = kind === "internal" ? "failed" : kind.startsWith("upstream_") ? "upstream_error" : "refused";
  log.set({ error_code: kind, outcome, ...(failure && { reason: failure }) });
  if (upstreamStatus !== undefined) log.set({ upstream_status: upstreamStatus });
}
