/**
 * Where the nodes of an access map stand: who, by what, what. Three columns, each
 * in the order of its names, so that the same house always gives the same
 * picture. Those that reach, or are reached, by just the same ways are drawn as
 * one, and what is still too much as one more: nobody is left out, and a picture
 * never has more nodes than can be read.
 */

export type How = 'standing' | 'granted' | 'step_up' | 'request' | 'break_glass';

/** A way by which somebody reaches something. */
export interface Way {
  kind: 'direct' | 'group' | 'role' | 'combined';
  name: string;
}

export interface Edge {
  who: string;
  what: string;
  how: How;
  ways: Way[];
}

export type Column = 'who' | 'way' | 'what';

export interface Node {
  id: string;
  column: Column;
  label: string;
  /** All that it stands for. */
  names: string[];
  /** Of a way. */
  way?: Way;
  x: number;
  y: number;
}

export interface Line {
  from: Node;
  to: Node;
  how: How;
}

export interface Picture {
  nodes: Node[];
  lines: Line[];
  /** Of a node, and of all. */
  node: number;
  width: number;
  height: number;
}

/** As many nodes as a column has at the most. */
export const MOST = 40;
/** So many that are alike are drawn as one. */
const ALIKE = 4;
const ROW = 38;
const COLUMNS: readonly Column[] = ['who', 'way', 'what'];
/** How wide a node is, and what lies between two, where there is room; and the least. */
const WIDE = { node: 230, gap: 110 };
const LEAST = { node: 92, gap: 16 };
export const NODE = { height: 30 };

/** What fits into so many pixels; the lines give way before the names do. */
function measures(room: number): { node: number; gap: number } {
  const gap = Math.round(Math.min(WIDE.gap, Math.max(LEAST.gap, room * 0.12 - 24)));
  const node = Math.floor((room - 2 * gap) / COLUMNS.length);
  return { node: Math.min(WIDE.node, Math.max(LEAST.node, node)), gap };
}

const RANK: Record<How, number> = {
  standing: 0,
  granted: 1,
  step_up: 2,
  request: 3,
  break_glass: 4,
};

const byName = (a: string, b: string) => a.localeCompare(b);

export function wayId(w: Way): string {
  return `${w.kind}:${w.name}`;
}

type Draft = Omit<Node, 'x' | 'y'>;

/** What reaches, or is reached, in just the same ways has the same print. */
function prints(edges: readonly Edge[], end: 'who' | 'what'): Map<string, string> {
  const ways = new Map<string, Set<string>>();
  for (const e of edges) {
    const all = ways.get(e[end]) ?? new Set();
    for (const w of e.ways) all.add(`${wayId(w)} ${e.how}`);
    ways.set(e[end], all);
  }
  return new Map([...ways].map(([name, all]) => [name, [...all].sort(byName).join('\n')]));
}

function one(column: Column, name: string): Draft {
  return { id: `${column}:${name}`, column, label: name, names: [name] };
}

function many(column: Column, names: string[]): Draft {
  const first = names[0] ?? '';
  return { id: `${column}+${first}`, column, label: first, names };
}

/** Each end in a node of its own, or in one with those that are like it. */
function ends(edges: readonly Edge[], column: 'who' | 'what', open: ReadonlySet<string>): Draft[] {
  const alike = new Map<string, string[]>();
  for (const [name, print] of prints(edges, column)) {
    alike.set(print, [...(alike.get(print) ?? []), name]);
  }
  const nodes = [...alike.values()].flatMap(names => {
    names.sort(byName);
    const together = many(column, names);
    if (names.length < ALIKE || open.has(together.id)) return names.map(n => one(column, n));
    return [together];
  });
  nodes.sort((a, b) => byName(a.label, b.label));
  if (nodes.length <= MOST) return nodes;
  const rest = nodes.slice(MOST - 1).flatMap(n => n.names);
  return [...nodes.slice(0, MOST - 1), many(column, rest.sort(byName))];
}

function wayNodes(edges: readonly Edge[]): Draft[] {
  const all = new Map(edges.flatMap(e => e.ways).map(w => [wayId(w), w]));
  const sorted = [...all.values()].sort((a, b) => byName(a.name, b.name));
  const nodes = sorted.map(w => ({ ...one('way', wayId(w)), label: w.name, way: w }));
  if (nodes.length <= MOST) return nodes;
  const rest = nodes.slice(MOST - 1).flatMap(n => n.names);
  return [...nodes.slice(0, MOST - 1), many('way', rest)];
}

/** So much of a picture is in sight at once. */
const SIGHT = 600;

/** In the middle of the highest column, but never below what is in sight at first. */
function placed(drafts: Draft[], height: number, step: number): Node[] {
  const room = Math.max(drafts.length * ROW, Math.min(height, SIGHT));
  const shift = (room - drafts.length * ROW) / 2 + (ROW - NODE.height) / 2;
  return drafts.map((d, i) => ({
    ...d,
    x: COLUMNS.indexOf(d.column) * step,
    y: i * ROW + shift,
  }));
}

/**
 * `open` are nodes of many that are drawn one by one instead; `room` is how wide
 * it may be.
 */
export function picture(
  edges: readonly Edge[],
  open: ReadonlySet<string> = new Set<string>(),
  room: number = Number.POSITIVE_INFINITY,
): Picture {
  const { node, gap } = measures(room);
  const columns = [ends(edges, 'who', open), wayNodes(edges), ends(edges, 'what', open)];
  const height = Math.max(1, ...columns.map(c => c.length)) * ROW;
  const nodes = columns.flatMap(c => placed(c, height, node + gap));
  const at = new Map<string, Node>(
    nodes.flatMap(n => n.names.map(name => [`${n.column}:${name}`, n] as const)),
  );
  const best = new Map<string, Line>();
  const put = (a: string, b: string, how: How) => {
    const [from, to] = [at.get(a), at.get(b)];
    if (!from || !to) return;
    const id = `${from.id} ${to.id}`;
    const old = best.get(id);
    if (!old || RANK[how] < RANK[old.how]) best.set(id, { from, to, how });
  };
  for (const e of edges) {
    for (const w of e.ways) {
      put(`who:${e.who}`, `way:${wayId(w)}`, e.how);
      put(`way:${wayId(w)}`, `what:${e.what}`, e.how);
    }
  }
  return {
    nodes,
    lines: [...best].sort(([a], [b]) => byName(a, b)).map(([, line]) => line),
    node,
    width: COLUMNS.length * node + (COLUMNS.length - 1) * gap,
    height,
  };
}

/** The nodes that a node is joined with, itself among them. */
export function joined(p: Picture, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  const column = p.nodes.find(n => n.id === id)?.column;
  const step = (from: ReadonlySet<string>, forward: boolean) => {
    for (const l of p.lines) {
      const [a, b] = forward ? [l.from.id, l.to.id] : [l.to.id, l.from.id];
      if (from.has(a)) found.add(b);
    }
  };
  if (column !== 'what') step(new Set(found), true);
  if (column === 'who') step(new Set(found), true);
  if (column !== 'who') step(new Set([id]), false);
  if (column === 'what') step(new Set(found), false);
  return found;
}
