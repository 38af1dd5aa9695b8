import { Duplex } from "node:stream";
import { StatementNames } from "./statement-names.ts";
import type { Turns } from "./turns.ts";
import { type Frame, FrameReader, fatalError, finalStatus, greeting, message, opening } from "./wire.ts";

/** What a session needs of PGlite. */
export interface WireDatabase {
  execProtocolRaw(messages: Uint8Array): Promise<Uint8Array>;
}

/** Run what came so far: simple query, sync, flush, function call, and the ends of a copy. */
const RUNS_AT = new Set(["Q", "S", "H", "F", "c", "f"]);
const WAITED_TOO_LONG =
  "another session's transaction holds the database: the embedded PostgreSQL has one connection, so end that transaction first (or use a real PostgreSQL)";

let sessions = 0;

/**
 * One client's connection to PGlite, as a stream of PostgreSQL's wire protocol.
 *
 * PGlite has a single backend. So that sessions can't get between each other's statements, a session holds
 * the database from its first message until the backend is idle again: for one statement, or for a whole
 * transaction. Others wait, and are hung up on (55P03) when that takes too long. When a session ends, its open
 * transaction is rolled back, and what it prepared, set or locked is gone. Not kept apart while two sessions
 * live at the same time: SET, session-level advisory locks and temporary tables.
 */
export class PgliteSession extends Duplex {
  readonly #database: WireDatabase;
  readonly #turns: Turns;
  readonly #parameters: Record<string, string>;
  readonly #reader = new FrameReader();
  readonly #names = new StatementNames(++sessions);
  #pending: Buffer[] = [];
  #holds = false;
  #hungUp = false;
  #work: Promise<void> = Promise.resolve();

  constructor(database: WireDatabase, turns: Turns, parameters: Record<string, string>) {
    // Like a socket: when this end hangs up, the other one is done as well.
    super({ allowHalfOpen: false });
    this.#database = database;
    this.#turns = turns;
    this.#parameters = parameters;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#work = this.#receive(chunk);
    this.#work.then(() => done(), done);
  }

  override _final(done: (error?: Error) => void): void {
    this.#hangUp();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#work
      .catch(() => undefined)
      .then(() => this.#forget())
      .then(
        () => done(error),
        (failure) => done(error ?? failure),
      );
  }

  async #receive(chunk: Buffer): Promise<void> {
    for (const frame of this.#reader.push(chunk)) {
      if (this.#hungUp) return;
      if (frame.type === "") this.#open(frame);
      else if (frame.type === "X") this.#hangUp();
      else if (frame.type !== "p") await this.#queue(frame);
    }
  }

  #open(frame: Frame): void {
    const asks = opening(frame);
    if (asks === "cancel") this.#hangUp();
    else this.push(asks === "encryption" ? Buffer.from("N") : greeting(this.#parameters));
  }

  async #queue(frame: Frame): Promise<void> {
    this.#pending.push(this.#names.rewrite(frame));
    if (!RUNS_AT.has(frame.type)) return;
    const messages = Buffer.concat(this.#pending);
    this.#pending = [];
    if (await this.#take()) await this.#run(messages);
  }

  async #take(): Promise<boolean> {
    if (!this.#holds) this.#holds = await this.#turns.take();
    if (!this.#holds) {
      this.push(fatalError("55P03", WAITED_TOO_LONG));
      this.#hangUp();
    }
    return this.#holds;
  }

  async #run(messages: Buffer): Promise<void> {
    const output = await this.#database.execProtocolRaw(messages);
    if (!this.#hungUp) this.push(output);
    if (finalStatus(output) === "I") this.#pass();
  }

  #hangUp(): void {
    if (this.#hungUp) return;
    this.#hungUp = true;
    this.push(null);
  }

  #pass(): void {
    this.#holds = false;
    this.#turns.pass();
  }

  async #forget(): Promise<void> {
    if (!this.#holds && !(await this.#turns.take())) return;
    this.#holds = true;
    try {
      await this.#database.execProtocolRaw(Buffer.concat([message("S"), message("Q", "rollback")]));
      await this.#database.execProtocolRaw(Buffer.concat([this.#names.closeAll(), message("S")]));
      await this.#database.execProtocolRaw(message("Q", "select pg_advisory_unlock_all(); reset all"));
    } finally {
      this.#pass();
    }
  }
}
