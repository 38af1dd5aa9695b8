/** What operators and other services may do, each with a key that has the scope. */
import { bodyLimit, jsonOnly } from "../../http/guards.ts";
import { internalAuth } from "../../http/internal-auth.ts";
import { backupRoutes } from "./backups.ts";
import { boxRoutes } from "./boxes.ts";
import { clusterRoutes } from "./clusters.ts";
import { comparisonRoutes } from "./comparison.ts";
import { fleetStatusRoutes } from "./fleet.ts";
import { jobRoutes } from "./jobs.ts";
import { metricsRoutes } from "./metrics.ts";
import { poolRoutes } from "./pool.ts";
import { rolloutRoutes } from "./rollouts.ts";
import { createRouter } from "./router.ts";
import { tokenRoutes } from "./tokens.ts";
import { usageRoutes } from "./usage.ts";

const MAX_BODY = 64 * 1024;

export const internalRoutes = createRouter();
internalRoutes.use("/internal/*", internalAuth(), bodyLimit(MAX_BODY), jsonOnly());
internalRoutes.route("/", boxRoutes);
internalRoutes.route("/", jobRoutes);
internalRoutes.route("/", backupRoutes);
internalRoutes.route("/", rolloutRoutes);
internalRoutes.route("/", tokenRoutes);
internalRoutes.route("/", metricsRoutes);
internalRoutes.route("/", usageRoutes);
internalRoutes.route("/", clusterRoutes);
internalRoutes.route("/", fleetStatusRoutes);
internalRoutes.route("/", poolRoutes);
internalRoutes.route("/", comparisonRoutes);
