/**
 * The text of a recording without what steers the terminal, for searching. It
 * follows ECMA-48: escape sequences of every kind are passed over, whatever
 * they hold.
 */
import type { CastEvent } from './cast';

/** What turns the direction in which the text after it is read (UAX #9 section 2). */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** What a cell of a screen shows: cells stand in the order in which they were sent. */
export function cellText(chars: string): string {
  return chars.replace(TURNS, '');
}

/** The text in the order in which it was sent; a mark stands where it would have turned. */
export function straight(text: string): string {
  return text.replace(TURNS, '\ufffd');
}

type State = 'text' | 'escape' | 'csi' | 'string' | 'stringEscape';

/** Takes the control sequences out of a stream that may be cut anywhere. */
export class Plain {
  private state: State = 'text';

  push(data: string): string {
    let out = '';
    for (const char of data) {
      const code = char.codePointAt(0) ?? 0;
      switch (this.state) {
        case 'text':
          if (code === 0x1b) this.state = 'escape';
          else if (code === 0x9b) this.state = 'csi';
          else if (
            code === 0x90 ||
            code === 0x98 ||
            code === 0x9d ||
            code === 0x9e ||
            code === 0x9f
          )
            this.state = 'string';
          else if (
            char === '\n' ||
            char === '\t' ||
            (code >= 0x20 && code !== 0x7f && !(code > 0x7f && code < 0xa0))
          )
            out += char;
          break;
        case 'escape':
          if (char === '[') this.state = 'csi';
          else if (char === ']' || char === 'P' || char === 'X' || char === '^' || char === '_')
            this.state = 'string';
          else if (code < 0x20 || code > 0x2f) this.state = 'text';
          break;
        case 'csi':
          if (code >= 0x40 && code <= 0x7e) this.state = 'text';
          else if (code === 0x1b) this.state = 'escape';
          else if (code === 0x18 || code === 0x1a) this.state = 'text';
          break;
        case 'string':
          if (code === 0x07 || code === 0x9c || code === 0x18 || code === 0x1a) this.state = 'text';
          else if (code === 0x1b) this.state = 'stringEscape';
          break;
        case 'stringEscape':
          this.state = char === '\\' ? 'text' : 'string';
          break;
      }
    }
    return cellText(out);
  }
}

export interface Found {
  at: number;
  /** The line around it, and where in it. */
  line: string;
  from: number;
  to: number;
}

/** What was on the screen at some time, line by line. */
export class Index {
  private readonly lines: { at: number[]; text: string }[] = [];

  constructor(events: readonly CastEvent[]) {
    const plain = new Plain();
    let at: number[] = [];
    let text = '';
    for (const event of events) {
      if (event.kind !== 'output') continue;
      for (const char of plain.push(event.data)) {
        if (char === '\n') {
          if (text.trim() !== '') this.lines.push({ at, text });
          [at, text] = [[], ''];
        } else if (text.length < 4000) {
          text += char;
          for (let i = 0; i < char.length; i += 1) at.push(event.at);
        }
      }
    }
    if (text.trim() !== '') this.lines.push({ at, text });
  }

  find(wanted: string, most = 200): Found[] {
    const needle = wanted.trim().toLowerCase();
    if (needle === '') return [];
    const found: Found[] = [];
    for (const { at, text } of this.lines) {
      const from = text.toLowerCase().indexOf(needle);
      if (from < 0) continue;
      const to = from + needle.length;
      found.push({ at: at[to - 1] ?? at.at(-1) ?? 0, line: text, from, to });
      if (found.length >= most) break;
    }
    return found;
  }
}
