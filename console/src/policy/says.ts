/**
 * What a policy's text says, for a question before it comes into force: each statement
 * with its effect, to whom, what, on what. It reads the form of Cedar and decides
 * nothing; what it does not understand it hands on as it is written.
 */

export interface Says {
  effect: 'permit' | 'forbid';
  /** `Group engineers`, `Person`; empty for everybody. */
  who: Scope;
  /** None for every action. */
  actions: string[];
  on: Scope;
  /** `when` and `unless`, as they are written. */
  conditions: string;
}

export interface Scope {
  /** `Group`, `Target`; none for everybody and everything. */
  type?: string;
  name?: string;
}

/** A string, a comment, or one character. */
const PIECE = /"(?:[^"\\]|\\.)*"?|\/\/[^\n]*|[\s\S]/g;
/** Annotations may stand before it. */
const HEAD = /^(?:@\w+\s*(?:\(\s*"(?:[^"\\]|\\.)*"\s*\))?\s*)*(permit|forbid)\s*\(/;

/** Without comments, and each run of white space as one space, but for strings. */
export function plain(text: string): string {
  return (text.match(PIECE) ?? [])
    .map(p => (p.startsWith('//') ? ' ' : /^\s$/.test(p) ? ' ' : p))
    .join('')
    .replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string?: string) => string ?? ' ')
    .trim();
}

/** Each statement by itself, without its `;`. */
export function statements(text: string): string[] {
  const all: string[] = [];
  let now = '';
  for (const piece of plain(text).match(PIECE) ?? []) {
    if (piece === ';') {
      all.push(now.trim());
      now = '';
    } else now += piece;
  }
  if (now.trim()) all.push(now.trim());
  return all.filter(Boolean);
}

/** Where the bracket that opens at `from` closes. */
function closing(text: string, from: number): number {
  let depth = 0;
  let at = from;
  for (const piece of text.slice(from).match(PIECE) ?? []) {
    if (piece === '(') depth += 1;
    if (piece === ')') depth -= 1;
    if (depth === 0) return at;
    at += piece.length;
  }
  return text.length;
}

/** `principal in Doorward::Group::"engineers"`, `principal is Doorward::Person`. */
function scope(text: string, variable: string): Scope {
  const is = text.match(new RegExp(`\\b${variable}\\s+is\\s+(?:Doorward::)?(\\w+)`));
  const named = text.match(
    new RegExp(
      `\\b${variable}\\s*(?:is\\s+[\\w:]+\\s+)?(?:==|in)\\s*(?:Doorward::)?(\\w+)::"((?:[^"\\\\]|\\\\.)*)"`,
    ),
  );
  if (named) return { type: named[1], name: named[2] };
  return is ? { type: is[1] } : {};
}

export function says(text: string): Says[] {
  return statements(text).flatMap(statement => {
    const head = HEAD.exec(statement);
    if (!head) return [];
    const open = head[0].length - 1;
    const end = closing(statement, open);
    const inside = statement.slice(open + 1, end);
    const actions = [...inside.matchAll(/\bAction::"([^"]+)"/g)].map(([, a]) => a ?? '');
    return [
      {
        effect: head[1] as Says['effect'],
        who: scope(inside, 'principal'),
        actions,
        on: scope(inside, 'resource'),
        conditions: statement.slice(end + 1).trim(),
      },
    ];
  });
}

const WRITES = 'policy:write';

function writes(s: Says): boolean {
  return s.actions.length === 0 || s.actions.includes(WRITES);
}

/**
 * By which policies the reader may write policies now, as far as it could be asked:
 * `hosts#2` is the second statement of `hosts`.
 */
export type Right = readonly string[] | undefined;

/**
 * What a change may cost the reader: `loses` when their right to write policies comes from
 * this policy, or may, and goes with it; `forbids` when the new text may forbid it.
 */
export function cost(
  name: string,
  before: string,
  after: string,
  right: Right,
): 'loses' | 'forbids' | undefined {
  const giving = (text: string) =>
    statements(text).filter(one => says(one).some(s => s.effect === 'permit' && writes(s)));
  const kept = new Set(giving(after));
  const gone = giving(before).some(one => !kept.has(one));
  const alone = right === undefined || right.every(p => p.replace(/#\d+$/, '') === name);
  if (gone && alone) return 'loses';
  const had = new Set(statements(before));
  const forbids = statements(after).some(
    one => !had.has(one) && says(one).some(s => s.effect === 'forbid' && writes(s)),
  );
  return forbids ? 'forbids' : undefined;
}
