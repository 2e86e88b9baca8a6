/**
 * asciicast v2, line by line. What comes from a target is hostile: a line that
 * is not what it should be is left out, sizes are held within bounds, and data
 * stays data.
 */

export interface Size {
  cols: number;
  rows: number;
}

export type CastEvent =
  | { kind: 'output'; at: number; data: string }
  | { kind: 'resize'; at: number; size: Size };

export interface Header {
  size: Size;
  /** When it began, in seconds since 1970. */
  timestamp: number | undefined;
}

const LEAST: Size = { cols: 2, rows: 1 };
const MOST: Size = { cols: 500, rows: 200 };

function within(cols: number, rows: number): Size {
  const hold = (n: number, least: number, most: number) =>
    Number.isFinite(n) ? Math.max(least, Math.min(most, Math.floor(n))) : least;
  return { cols: hold(cols, LEAST.cols, MOST.cols), rows: hold(rows, LEAST.rows, MOST.rows) };
}

export function parseHeader(line: string): Header | undefined {
  try {
    const raw: unknown = JSON.parse(line);
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
    const { version, width, height, timestamp } = raw as Record<string, unknown>;
    if (version !== 2) return undefined;
    return {
      size: within(Number(width ?? 80), Number(height ?? 24)),
      timestamp: typeof timestamp === 'number' ? timestamp : undefined,
    };
  } catch {
    return undefined;
  }
}

export function parseEvent(line: string): CastEvent | undefined {
  try {
    const raw: unknown = JSON.parse(line);
    if (!Array.isArray(raw)) return undefined;
    const [at, kind, data] = raw as unknown[];
    if (typeof at !== 'number' || !(at >= 0) || typeof data !== 'string') return undefined;
    if (kind === 'o') return { kind: 'output', at, data };
    const size = kind === 'r' ? /^(\d{1,4})x(\d{1,4})$/.exec(data) : null;
    return size
      ? { kind: 'resize', at, size: within(Number(size[1]), Number(size[2])) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Lines out of chunks of bytes. */
export class Lines {
  private rest = '';
  private readonly decoder = new TextDecoder();

  push(chunk: Uint8Array): string[] {
    const lines = (this.rest + this.decoder.decode(chunk, { stream: true })).split('\n');
    this.rest = lines.pop() ?? '';
    return lines.filter(l => l !== '');
  }

  end(): string[] {
    const last = this.rest + this.decoder.decode();
    this.rest = '';
    return last === '' ? [] : [last];
  }
}

export interface Recording {
  header: Header;
  events: CastEvent[];
  /** How long it is, in seconds. */
  length: number;
}

/** A recording, read as it arrives; times never run backwards. */
export class Reader {
  readonly events: CastEvent[] = [];
  header: Header | undefined;
  private latest = 0;

  line(line: string): CastEvent | undefined {
    if (!this.header) {
      this.header = parseHeader(line);
      if (this.header) return undefined;
      this.header = { size: { cols: 80, rows: 24 }, timestamp: undefined };
    }
    const event = parseEvent(line);
    if (!event) return undefined;
    event.at = Math.max(event.at, this.latest);
    this.latest = event.at;
    return event;
  }

  keep(line: string): void {
    const event = this.line(line);
    if (event) this.events.push(event);
  }

  done(): Recording {
    return {
      header: this.header ?? { size: { cols: 80, rows: 24 }, timestamp: undefined },
      events: this.events,
      length: this.latest,
    };
  }
}
