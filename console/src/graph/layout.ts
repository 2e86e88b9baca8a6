/**
 * Where the nodes of an access map stand: who, by which policies, what. Three
 * columns, each in the order of its names, so that the same house always gives
 * the same picture; what is too much is counted, not drawn.
 */

export type How = 'standing' | 'step_up' | 'request';

export interface Edge {
  who: string;
  what: string;
  how: How;
  policies: string[];
}

export interface Node {
  id: string;
  label: string;
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
  width: number;
  height: number;
  /** How many of each column are not drawn. */
  left: { who: number; policies: number; what: number };
}

const MOST = 40;
const ROW = 34;
const COLUMNS = [20, 340, 660];
export const NODE = { width: 220, height: 26 };

const RANK: Record<How, number> = { standing: 0, step_up: 1, request: 2 };

function column(ids: Iterable<string>, prefix: string, x: number): { nodes: Node[]; left: number } {
  const all = [...new Set(ids)].sort((a, b) => a.localeCompare(b));
  const nodes = all
    .slice(0, MOST)
    .map((label, i) => ({ id: prefix + label, label, x, y: i * ROW }));
  return { nodes, left: all.length - nodes.length };
}

/** In the middle of the highest column. */
function centred(nodes: Node[], height: number): void {
  const shift = (height - nodes.length * ROW) / 2 + (ROW - NODE.height) / 2;
  for (const n of nodes) n.y += shift;
}

export function picture(edges: readonly Edge[]): Picture {
  const [x1 = 0, x2 = 0, x3 = 0] = COLUMNS;
  const who = column(
    edges.map(e => e.who),
    'who:',
    x1,
  );
  const policies = column(
    edges.flatMap(e => e.policies),
    'policy:',
    x2,
  );
  const what = column(
    edges.map(e => e.what),
    'what:',
    x3,
  );
  const most = Math.max(who.nodes.length, policies.nodes.length, what.nodes.length, 1);
  const height = most * ROW;
  for (const c of [who, policies, what]) centred(c.nodes, height);
  const nodes = [...who.nodes, ...policies.nodes, ...what.nodes];
  const at = new Map(nodes.map(n => [n.id, n]));
  const best = new Map<string, Line>();
  const put = (a: string, b: string, how: How) => {
    const [from, to] = [at.get(a), at.get(b)];
    if (!from || !to) return;
    const old = best.get(`${a} ${b}`);
    if (!old || RANK[how] < RANK[old.how]) best.set(`${a} ${b}`, { from, to, how });
  };
  for (const e of edges) {
    for (const p of e.policies) {
      put(`who:${e.who}`, `policy:${p}`, e.how);
      put(`policy:${p}`, `what:${e.what}`, e.how);
    }
  }
  return {
    nodes,
    lines: [...best].sort(([a], [b]) => a.localeCompare(b)).map(([, line]) => line),
    width: x3 + NODE.width + 20,
    height,
    left: { who: who.left, policies: policies.left, what: what.left },
  };
}
