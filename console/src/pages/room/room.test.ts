import { describe, expect, it } from 'vitest';
import type { Schemas } from '../../api/client';
import { inOrder, type Order, ofEvent, ofMessage } from './orders';
import { timeline } from './timeline';

const START = '2026-05-01T10:00:00Z';
const command = (number: number, second: number) =>
  ({
    number,
    at: `2026-05-01T10:00:${String(second).padStart(2, '0')}Z`,
    text: 'ls',
    certain: true,
  }) as Schemas['Command'];
const order = (id: string, second: number): Order => ({
  id,
  kind: 'frozen',
  at: `2026-05-01T10:00:${String(second).padStart(2, '0')}Z`,
  by: 'Abe',
  text: 'why',
});

describe('timeline', () => {
  it('puts what others did among the commands', () => {
    const steps = timeline(START, [command(1, 5), command(2, 20)], [order('f', 9)], false);
    expect(steps.map(s => [s.key, s.at])).toEqual([
      ['command-1', 5],
      ['f', 9],
      ['command-2', 20],
    ]);
  });

  it('shows no order before the commands that came before it are loaded', () => {
    const orders = [order('early', 3), order('late', 40)];
    const keys = (more: boolean) => timeline(START, [command(1, 5)], orders, more).map(s => s.key);
    expect(keys(true)).toEqual(['early', 'command-1']);
    expect(keys(false)).toEqual(['early', 'command-1', 'late']);
    expect(timeline(START, [], orders, false).map(s => s.key)).toEqual(['early', 'late']);
  });
});

describe('orders', () => {
  it('are read from messages and from the log', () => {
    const message = { number: 4, by: 'x', by_name: 'Abe', at: START, text: 'call me' };
    expect(ofMessage(message)).toMatchObject({ kind: 'message', by: 'Abe', text: 'call me' });
    const event = { id: 'e', activity: 'session.frozen', at: START, actor_name: 'Abe' };
    const frozen = { ...event, details: { reason: 'odd' } } as unknown as Schemas['Event'];
    expect(ofEvent(frozen)).toMatchObject({ kind: 'frozen', by: 'Abe', text: 'odd' });
    const thawed = { ...event, activity: 'session.thawed' } as unknown as Schemas['Event'];
    expect(ofEvent(thawed)).toMatchObject({ kind: 'thawed', text: '' });
    expect(inOrder([order('b', 9), order('a', 3)]).map(o => o.id)).toEqual(['a', 'b']);
  });
});
