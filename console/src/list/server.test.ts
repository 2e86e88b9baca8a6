import { describe, expect, it } from 'vitest';
import { one, pageOf, some, when, yes } from './server';

const ask = {
  q: '',
  sort: '',
  desc: false,
  filters: {},
  cursor: undefined,
  limit: 200,
  signal: new AbortController().signal,
};

describe('what a list asks the server', () => {
  it('is an order with its direction, and words without what surrounds them', () => {
    expect(pageOf({ ...ask, q: ' eve ', sort: 'name', desc: true }, {}).params.query).toEqual({
      q: 'eve',
      sort: '-name',
      limit: 200,
    });
    expect(pageOf(ask, { kind: 'person' }).params.query).toEqual({ kind: 'person', limit: 200 });
  });

  it('leaves out filters that say nothing', () => {
    expect([yes('true'), yes('false'), yes('maybe'), yes(undefined)]).toEqual([
      true,
      false,
      undefined,
      undefined,
    ]);
    expect([one('b', ['a', 'b']), one('c', ['a', 'b'])]).toEqual(['b', undefined]);
    expect([some('  '), some(' x '), when(''), when(undefined)]).toEqual([
      undefined,
      'x',
      undefined,
      undefined,
    ]);
    expect(when('2026-05-10T12:00')).toBe(new Date('2026-05-10T12:00').toISOString());
  });
});
