import { expect, it } from 'vitest';
import { fold } from './fold';

it('counts what follows one of the same kind, and nothing else', () => {
  expect(fold(['a1', 'a2', 'b1', 'a3'], s => s.charAt(0))).toEqual([
    { item: 'a1', times: 2 },
    { item: 'b1', times: 1 },
    { item: 'a3', times: 1 },
  ]);
  expect(fold([], String)).toEqual([]);
});
