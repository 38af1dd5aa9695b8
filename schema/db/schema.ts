/** All tables and enums, as drizzle and drizzle-kit want them: one object. */
export * from "./backups.ts";
export * from "./customers.ts";
export * from "./enums.ts";
export * from "./fleet.ts";
export * from "./images.ts";
export * from "./rollouts.ts";
export * from "./running.ts";
export * from "./usage.ts";
