/** Finds where the events of a server-sent stream end, in bytes that may be cut anywhere. */

const LF = 10;
const CR = 13;

export interface EventCutter {
  /** The offsets in `chunk` behind the last byte of an event; 0 where the event ended with the chunk before. */
  cuts(chunk: Uint8Array): number[];
  /** Whether the last byte so far ended an event (or none has come): something of ours may be put in here. */
  between(): boolean;
}

/**
 * An event ends with a blank line; lines end with LF, CR LF or CR (WHATWG HTML, 9.2.6). Three flags are all that
 * is kept between chunks, so that a line may be of any length.
 */
export function createEventCutter(): EventCutter {
  let blank = true;
  let afterCr = false;
  /** A blank line ended with CR: an LF that follows belongs to it. */
  let owed = false;
  let between = true;

  /** Whether a blank line ends with this byte. */
  function endsBlankLine(byte: number | undefined): boolean {
    const secondHalf = byte === LF && afterCr;
    afterCr = byte === CR;
    if (secondHalf) return false;
    const endsLine = byte === LF || byte === CR;
    between = endsLine && blank;
    blank = endsLine;
    return between;
  }

  return {
    cuts(chunk) {
      const found: number[] = [];
      for (let i = 0; i < chunk.length; i++) {
        const byte = chunk[i];
        if (owed) found.push(byte === LF ? i + 1 : i);
        owed = false;
        if (!endsBlankLine(byte)) continue;
        if (byte === LF) found.push(i + 1);
        else owed = true;
      }
      return found;
    },
    between: () => between,
  };
}
