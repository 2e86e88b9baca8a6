import { describe, expect, it } from 'vitest';
import { isLong } from './long';

describe('a list that somebody went far into', () => {
  it('is known by its pages', () => {
    const pages = (n: number) => ({ pages: Array.from({ length: n }, () => ({ items: [] })) });
    expect(isLong(pages(5))).toBe(false);
    expect(isLong(pages(6))).toBe(true);
  });

  it('is nothing else', () => {
    for (const odd of [undefined, null, 5, {}, { pages: 'x' }, { items: [1, 2, 3, 4, 5, 6, 7] }])
      expect(isLong(odd)).toBe(false);
  });
});
