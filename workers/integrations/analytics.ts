/** The SQL API of Workers Analytics Engine: https://developers.cloudflare.com/analytics/analytics-engine/sql-api/ */
import * as z from "zod";
import { AppError } from "#schema/domain/errors.ts";
import type { Config } from "../config.ts";

const TIMEOUT_MS = 10_000;

const Answer = z.object({ data: z.array(z.record(z.string(), z.unknown())) });

/** Undefined if the account or its token is not configured. */
export function createAnalytics(config: Pick<Config, "CF_ACCOUNT_ID" | "CF_API_TOKEN" | "CF_API_ROOT">) {
  const { CF_ACCOUNT_ID: account, CF_API_TOKEN: token, CF_API_ROOT: root } = config;
  if (!account || !token) return undefined;
  return {
    /** The rows of a query. Throws `upstream_unavailable`. */
    async query(sql: string): Promise<Record<string, unknown>[]> {
      try {
        const response = await fetch(`${root}/accounts/${account}/analytics_engine/sql`, {
          method: "POST",
          signal: AbortSignal.timeout(TIMEOUT_MS),
          redirect: "manual",
          headers: { authorization: `Bearer ${token}` },
          body: sql,
        });
        if (!response.ok) throw new Error(`Analytics Engine answered ${response.status}`);
        return Answer.parse(await response.json()).data;
      } catch (cause) {
        throw new AppError("upstream_unavailable", "Analytics Engine does not answer", { retryAfter: 10, cause });
      }
    },
  };
}
