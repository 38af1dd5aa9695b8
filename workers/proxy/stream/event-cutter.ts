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

  const isInLine = (): boolean => !blank && !owed;

  return {
    cuts(chunk) {
      const found: number[] = [];
      const nextEnd = lineEnds(chunk);
      for (let i = 0; i < chunk.length; i++) {
        // In the middle of a line nothing counts but where it ends: the runtime finds that faster than a loop.
        if (isInLine()) i = nextEnd(i);
        if (i === chunk.length) break;
        const isLf = chunk[i] === LF;
        if (owed) found.push(isLf ? i + 1 : i);
        owed = false;
        const ends = endsBlankLine(chunk[i]);
        if (ends && isLf) found.push(i + 1);
        owed = ends && !isLf;
      }
      return found;
    },
    between: () => between,
  };
}

/** From where to where the chunk's next LF or CR is; its length where there is none. */
function lineEnds(chunk: Uint8Array): (from: number) => number {
  const at = { [LF]: -1, [CR]: -1 };
  const find = (byte: typeof LF | typeof CR, from: number): number => {
    if (at[byte] < from) {
      const found = chunk.indexOf(byte, from);
      at[byte] = found < 0 ? chunk.length : found;
    }
    return at[byte];
  };
  return (from) => Math.min(find(LF, from), find(CR, from));
}
