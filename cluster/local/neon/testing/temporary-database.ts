import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** A new, empty database on a server. */
export interface TemporaryDatabase {
  /** Its connection string. */
  url: string;
  drop(): Promise<void>;
}

/** @param serverUrl of a user who may make databases. */
export async function temporaryDatabase(serverUrl: string, purpose: string): Promise<TemporaryDatabase> {
  const name = `${purpose}_${randomBytes(6).toString("hex")}`;
  await administer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(serverUrl, `drop database ${name} with (force)`) };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
