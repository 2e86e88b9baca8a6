import { expect, it } from 'vitest';
import { ordered, rank, rankWith } from './Palette';

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

it('finds all words in any order, and by other words for it', () => {
  expect(rank('Add a person', 'add person')).toBe(2);
  expect(rank('Add a person', 'person add')).toBe(2);
  expect(rank('Add a person', 'add group')).toBeUndefined();
  expect(rankWith('Dark', 'theme mode', 'dark')).toBe(0);
  expect(rankWith('Dark', 'theme mode', 'dark mode')).toBe(2);
  expect(rankWith('Language: Deutsch', 'German', 'german')).toBe(2);
  expect(rankWith('Language: Deutsch', 'German', 'xyz')).toBeUndefined();
});
