import { Duplex } from "node:stream";

/** PostgreSQL's Terminate message. */
const TERMINATE = "X".charCodeAt(0);

export interface Wire {
  /** Runs messages of PostgreSQL's wire protocol. @returns the answers */
  run(messages: Uint8Array): Promise<Uint8Array>;
  /** Resets what the last session left: transactions, settings, prepared statements, locks. */
  reset(): Promise<void>;
}

/** One session with PGlite's only backend, as a socket for `pg`. */
export class PgliteSession extends Duplex {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    super({ allowHalfOpen: false });
    this.#wire = wire;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#take(chunk).then(() => done(), done);
  }

  /** `pg` corks what belongs together. */
  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error) => void): void {
    this.#take(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire.reset().then(() => done(error), done);
  }

  async #take(messages: Buffer): Promise<void> {
    this.push(messages[0] === TERMINATE ? null : await this.#wire.run(messages));
  }

  connect(): this {
    process.nextTick(() => this.emit("connect"));
    return this;
  }

  setNoDelay = (): this => this;
  setKeepAlive = (): this => this;
  ref = (): this => this;
  unref = (): this => this;
}
