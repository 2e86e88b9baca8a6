import { expect, it } from 'vitest';
import type { PendingApproval } from '../../api/queries';
import { keepPlaces, type Placed } from './places';

const asked = (id: string, minute: number) =>
  ({ id, created_at: `2026-05-01T10:0${minute}:00Z` }) as PendingApproval;

const [first, second, third] = [asked('c', 1), asked('a', 2), asked('b', 3)];
const seen = (placed: readonly Placed[]) =>
  placed.map(p => (p.gone ? `(${p.request.id})` : p.request.id));

it('shows what was asked first first, however the server answers', () => {
  expect(seen(keepPlaces([], [third, second, first]))).toEqual(['c', 'a', 'b']);
});

it('puts what comes later below, even if it was asked earlier', () => {
  const before = keepPlaces([], [second]);
  expect(seen(keepPlaces(before, [third, second, first]))).toEqual(['a', 'c', 'b']);
});

it('lets nothing move up into the place of what was decided', () => {
  const before = keepPlaces([], [second, first]);
  const after = keepPlaces(before, [second]);
  expect(seen(after)).toEqual(['(c)', 'a']);
  expect(seen(keepPlaces(after, [second, first]))).toEqual(['c', 'a']);
  expect(keepPlaces(after, [])).toEqual([]);
});
