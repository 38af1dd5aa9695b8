/** The objects of an OpenAPI 3.1 document, as far as ours has them. */
import type * as z from "zod";

export type Json = Record<string, unknown>;
/** Adds a schema; a named one becomes a component. */
export type Write = (schema: z.ZodType) => Json;

export interface Document {
  openapi: string;
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Json; responses: Record<string, ResponseObject>; securitySchemes: Json };
}

export interface OperationObject {
  /** The audience first. */
  tags: [string, ...string[]];
  summary: string;
  description?: string;
  security: Json[];
  parameters: ParameterObject[];
  requestBody?: { required: boolean; content: Record<string, { schema: Json }> };
  responses: Record<string, ResponseObject | { $ref: string }>;
}

export interface ParameterObject {
  name: string;
  in: string;
  description?: unknown;
  required: boolean;
  schema: Json;
}

export interface ResponseObject {
  description: string;
  headers: Json;
  content: Json;
}
