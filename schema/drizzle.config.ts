import { defineConfig } from "drizzle-kit";

export default defineConfig({ dialect: "postgresql", schema: "./schema/db/schema.ts", out: "./schema/db/migrations" });
