import { expect, it } from 'vitest';
import { ordered, rank } from './Palette';

const hit = (group: string, label: string, wanted: string) => ({
  group,
  label,
  rank: rank(label, wanted) ?? 2,
});

it('shows first what is called so, whatever its kind', () => {
  const hits = [
    hit('Pages', 'Recovery', 'eve'),
    hit('Pages', 'Recent events', 'eve'),
    hit('People', 'Steve Ross', 'eve'),
    hit('People', 'Eve Meyer', 'eve'),
    hit('Targets', 'level-1', 'eve'),
  ];
  expect(ordered(hits).map(h => h.label)).toEqual([
    'Eve Meyer',
    'Steve Ross',
    'Recent events',
    'Recovery',
    'level-1',
  ]);
});

it('keeps the order of kinds that fit equally well', () => {
  const hits = [hit('Pages', 'Policies', 'po'), hit('Policies', 'pods', 'po')];
  expect(ordered(hits).map(h => h.label)).toEqual(['Policies', 'pods']);
});
