import { describe, expect, it } from 'vitest';
import { type Edge, joined, MOST, NODE, picture } from './layout';

const edge = (who: string, what: string, how: Edge['how'], ...policies: string[]): Edge => ({
  who,
  what,
  how,
  ways: policies.map(name => ({ kind: 'group', name })),
});

const labels = (edges: Edge[], open?: Set<string>) => picture(edges, open).nodes.map(n => n.label);

function overlaps(edges: Edge[]): boolean {
  const p = picture(edges);
  return (['who', 'way', 'what'] as const).some(column => {
    const ys = p.nodes
      .filter(n => n.column === column)
      .map(n => n.y)
      .sort((a, b) => a - b);
    return ys.some((y, i) => i > 0 && y - (ys[i - 1] ?? 0) <= NODE.height);
  });
}

describe('the picture of who reaches what', () => {
  it('draws each name once, and the easiest way when there are several', () => {
    const p = picture([
      edge('eve', 'deploy@web-1', 'request', 'hosts'),
      edge('eve', 'develop@dev-1', 'standing', 'hosts'),
    ]);
    expect(p.nodes.map(n => n.label)).toEqual(['eve', 'hosts', 'deploy@web-1', 'develop@dev-1']);
    expect(p.lines).toHaveLength(3);
    expect(p.lines.find(l => l.from.label === 'eve')?.how).toBe('standing');
    expect(p.lines.find(l => l.to.label === 'deploy@web-1')?.how).toBe('request');
  });

  it('is the same picture, whatever the order of the answers', () => {
    const edges = ['c', 'a', 'b'].map(w => edge(w, 'x', 'standing', 'p'));
    expect(picture(edges)).toEqual(picture([...edges].reverse()));
  });

  it('draws those that reach the same in the same way as one, until it is opened', () => {
    const edges = ['a', 'b', 'c', 'd'].map(w => edge(w, 'x', 'standing', 'p'));
    edges.push(edge('e', 'x', 'request', 'p'));
    const p = picture(edges);
    expect(p.nodes.filter(n => n.column === 'who').map(n => n.names)).toEqual([
      ['a', 'b', 'c', 'd'],
      ['e'],
    ]);
    expect(labels(edges, new Set(['who+a']))).toEqual(['a', 'b', 'c', 'd', 'e', 'p', 'x']);
  });

  it('fits into the room that there is, down to a telephone', () => {
    const edges = [edge('eve', 'deploy@web-1', 'request', 'hosts')];
    const wide = picture(edges);
    for (const room of [1200, 900, 600, 326]) {
      const p = picture(edges, new Set(), room);
      expect(p.width).toBeLessThanOrEqual(room);
      expect(p.nodes.map(n => n.x).sort((a, b) => a - b)[2]).toBe(p.width - p.node);
    }
    expect(picture(edges, new Set(), 2000)).toEqual(wide);
  });

  it('keeps a thousand of a kind readable, and leaves nobody out', () => {
    const edges = Array.from({ length: 1000 }, (_, i) =>
      edge(`p${i}`, 'root@db-1', 'request', 'dba'),
    );
    const p = picture(edges);
    expect(p.nodes).toHaveLength(3);
    expect(p.nodes[0]?.names).toHaveLength(1000);
    expect(overlaps(edges)).toBe(false);
  });

  it('keeps a thousand that are all different readable, and leaves nobody out', () => {
    const edges = Array.from({ length: 1000 }, (_, i) =>
      edge(`p${i}`, `root@db-${i}`, 'request', `policy-${i}`),
    );
    const p = picture(edges);
    for (const column of ['who', 'way', 'what']) {
      const nodes = p.nodes.filter(n => n.column === column);
      expect(nodes).toHaveLength(MOST);
      expect(new Set(nodes.flatMap(n => n.names)).size).toBe(1000);
    }
    expect(overlaps(edges)).toBe(false);
    expect(p.lines.length).toBeLessThanOrEqual(2 * MOST * MOST);
  });

  it('knows what a node is joined with, through to the other side', () => {
    const p = picture([
      edge('eve', 'a', 'standing', 'p'),
      edge('abe', 'b', 'standing', 'q'),
      edge('abe', 'a', 'standing', 'p'),
    ]);
    expect([...joined(p, 'who:eve')].sort()).toEqual(['way:group:p', 'what:a', 'who:eve']);
    expect(joined(p, 'what:a')).toEqual(new Set(['what:a', 'way:group:p', 'who:eve', 'who:abe']));
    expect(joined(p, 'way:group:q')).toEqual(new Set(['way:group:q', 'who:abe', 'what:b']));
  });
});

it('keeps the one that everything begins with in sight, however much hangs on it', () => {
  const edges = Array.from({ length: 300 }, (_, i) => ({
    who: 'eve',
    what: `deploy@host-${String(i).padStart(3, '0')}`,
    how: 'standing' as const,
    ways: [{ kind: 'group' as const, name: 'staff' }],
  }));
  const closed = picture(edges);
  const many = closed.nodes.find(n => n.names.length > 1);
  const open = picture(edges, new Set([many?.id ?? '']));
  expect(open.height).toBeGreaterThan(1200);
  const eve = open.nodes.find(n => n.id === 'who:eve');
  expect(eve?.y).toBeLessThan(600);
});
