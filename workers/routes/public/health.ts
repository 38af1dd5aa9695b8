import * as z from "zod";
import { bearerOf, verifyOperator } from "../../http/internal-auth.ts";
import { checkServices } from "../../sweep/check-services.ts";
import { VERSION } from "../../version.ts";
import { json } from "../answer.ts";
import { operation } from "../operation.ts";

const Health = z
  .object({
    ok: z.boolean(),
    version: z.string(),
    services: z.record(z.string(), z.object({ ok: z.boolean(), ms: z.int() })).optional(),
  })
  .meta({ id: "Health" });

export const healthOperations = [
  operation({
    audience: "public",
    method: "get",
    path: "/healthz",
    summary: "Whether the edge is up",
    description: "With `deep` and an operator's key, also checks the services behind it.",
    query: z.strictObject({ deep: z.string().max(16).optional() }),
    output: [json("Healthy", Health), json("A service does not answer", Health, 503)],
    status: ({ ok }) => (ok ? 200 : 503),
    async verb({ ctx, input: { deep }, request }) {
      if (deep === undefined) return { ok: true, version: VERSION };
      await verifyOperator(ctx, bearerOf(request.headers.get("authorization") ?? undefined));
      const services = await checkServices(ctx);
      return { ok: Object.values(services).every((service) => service.ok), version: VERSION, services };
    },
  }),
];
