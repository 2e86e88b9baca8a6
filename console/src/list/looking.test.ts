import { describe, expect, it } from 'vitest';
import { shortPages } from './looking';

const page = (many: number, next: string | null) => ({ items: Array(many).fill(0), next });

describe('a list that is sifted', () => {
  it('counts the pages that held less than was asked for', () => {
    expect(shortPages([page(0, 'a'), page(3, 'b'), page(200, 'c')], 200)).toBe(2);
  });

  it('does not count the end', () => {
    expect(shortPages([page(200, 'a'), page(3, null)], 200)).toBe(0);
    expect(shortPages([page(0, null)], 200)).toBe(0);
  });
});
