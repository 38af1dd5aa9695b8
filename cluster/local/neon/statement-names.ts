import { type Frame, message } from "./wire.ts";

/**
 * Gives each session its own names of prepared statements: PGlite has one backend, so two clients that both
 * prepare "get-user" would otherwise meet "prepared statement already exists".
 */
export class StatementNames {
  readonly #prefix: string;
  readonly #prepared = new Set<string>();

  constructor(sessionId: number) {
    this.#prefix = `s${sessionId}_`;
  }

  /** The message with the session's own statement name in it; others come back as they are. */
  rewrite({ type, bytes }: Frame): Buffer {
    const body = bytes.subarray(5);
    if (type === "P") {
      const name = text(body, 0);
      if (name !== "") this.#prepared.add(name);
      return name === "" ? bytes : message(type, this.#own(name), after(body, 0));
    }
    if (type === "B") {
      const portal = text(body, 0);
      const at = Buffer.byteLength(portal) + 1;
      const name = text(body, at);
      return name === "" ? bytes : message(type, portal, this.#own(name), after(body, at));
    }
    if ((type === "D" || type === "C") && body[0] === STATEMENT) {
      const name = text(body, 1);
      if (type === "C") this.#prepared.delete(name);
      return name === "" ? bytes : message(type, Buffer.of(STATEMENT), this.#own(name));
    }
    return bytes;
  }

  /** Messages that forget all that the session prepared. */
  closeAll(): Buffer {
    return Buffer.concat([...this.#prepared].map((name) => message("C", Buffer.of(STATEMENT), this.#own(name))));
  }

  #own(name: string): string {
    return this.#prefix + name;
  }
}

const STATEMENT = "S".charCodeAt(0);

/** The zero-terminated string that starts there. */
function text(body: Buffer, start: number): string {
  return body.toString("utf8", start, body.indexOf(0, start));
}

function after(body: Buffer, start: number): Buffer {
  return body.subarray(body.indexOf(0, start) + 1);
}
