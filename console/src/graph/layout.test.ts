import { describe, expect, it } from 'vitest';
import { type Edge, NODE, picture } from './layout';

const edge = (who: string, what: string, how: Edge['how'], ...policies: string[]): Edge => ({
  who,
  what,
  how,
  policies,
});

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

  it('stays readable with a thousand: no two nodes overlap, the rest is counted', () => {
    const edges = Array.from({ length: 1000 }, (_, i) =>
      edge(`p${i}`, 'root@db-1', 'request', 'dba'),
    );
    const p = picture(edges);
    expect(p.left).toEqual({ who: 960, policies: 0, what: 0 });
    const ys = p.nodes
      .filter(n => n.id.startsWith('who:'))
      .map(n => n.y)
      .sort((a, b) => a - b);
    for (let i = 1; i < ys.length; i += 1) {
      expect((ys[i] ?? 0) - (ys[i - 1] ?? 0)).toBeGreaterThan(NODE.height);
    }
  });
});
