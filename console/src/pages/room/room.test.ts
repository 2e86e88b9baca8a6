import { describe, expect, it } from 'vitest';
import type { Schemas } from '../../api/client';
import type { Action } from '../../app/may';
import { mayHere, seesInto } from './may';
import type { Order } from './orders';
import { timeline } from './timeline';

const START = '2026-05-01T10:00:00Z';
const command = (number: number, second: number) =>
  ({
    number,
    at: `2026-05-01T10:00:${String(second).padStart(2, '0')}Z`,
    text: 'ls',
    certain: true,
  }) as Schemas['Command'];
const order = (number: number, second: number): Order => ({
  number,
  kind: 'freeze',
  at: `2026-05-01T10:00:${String(second).padStart(2, '0')}Z`,
  by: 'x',
  by_name: 'abe',
  text: 'why',
});

describe('timeline', () => {
  it('puts what others did among the commands', () => {
    const steps = timeline(START, [command(1, 5), command(2, 20)], [order(3, 9)], false);
    expect(steps.map(s => [s.key, s.at])).toEqual([
      ['command-1', 5],
      ['order-3', 9],
      ['command-2', 20],
    ]);
  });

  it('shows no order before the commands that came before it are loaded', () => {
    const orders = [order(1, 3), order(4, 40)];
    const keys = (more: boolean) => timeline(START, [command(1, 5)], orders, more).map(s => s.key);
    expect(keys(true)).toEqual(['order-1', 'command-1']);
    expect(keys(false)).toEqual(['order-1', 'command-1', 'order-4']);
    expect(timeline(START, [], orders, false).map(s => s.key)).toEqual(['order-1', 'order-4']);
  });
});

describe('what is drawn', () => {
  const details = (state: 'live' | 'ended', now: Action[], step_up: Action[] = []) => ({
    state,
    permissions: { now, step_up },
  });

  it('is what policy permits for this session, at once or after a fresh proof', () => {
    const may = mayHere(details('live', ['session:watch'], ['session:end']));
    expect(may('session:watch')).toBe(true);
    expect(may('session:end')).toBe(true);
    expect(may('session:freeze')).toBe(false);
  });

  it('is the inside for those who may watch while it lives, or play what is kept', () => {
    expect(seesInto(details('live', ['session:watch']))).toBe(true);
    expect(seesInto(details('ended', ['session:watch']))).toBe(false);
    expect(seesInto(details('ended', [], ['recording:play']))).toBe(true);
    expect(seesInto(details('live', ['session:end']))).toBe(false);
  });
});
