import { syntaxError } from "../reply.ts";
import { type ExpiryUnit, isExpiryUnit } from "./expiry.ts";

export interface SetOptions {
  only?: "NX" | "XX";
  get?: boolean;
  keepTtl?: boolean;
  persist?: boolean;
  expiry?: { unit: ExpiryUnit; amount: string };
}

/** What follows `SET key value` or `GETEX key`. @throws RedisError for what doesn't go together */
export function setOptions(args: string[], command: "set" | "getex"): SetOptions {
  const options: SetOptions = {};
  for (let i = 0; i < args.length; i++) {
    const word = (args[i] ?? "").toUpperCase();
    const amount = args[i + 1];
    if (isExpiryUnit(word) && amount !== undefined && !timed(options)) {
      options.expiry = { unit: word, amount };
      i++;
    } else if (word === "PERSIST" && command === "getex" && !timed(options)) options.persist = true;
    else if (command === "getex") throw syntaxError();
    else setOnly(options, word);
  }
  return options;
}

function setOnly(options: SetOptions, word: string): void {
  if ((word === "NX" || word === "XX") && (options.only === undefined || options.only === word)) options.only = word;
  else if (word === "GET") options.get = true;
  else if (word === "KEEPTTL" && !options.expiry) options.keepTtl = true;
  else throw syntaxError();
}

function timed(options: SetOptions): boolean {
  return Boolean(options.expiry || options.keepTtl || options.persist);
}
