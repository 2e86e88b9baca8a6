import { describe, expect, it } from 'vitest';
import { fitting, LETTERS, zoomed } from './fit';

const size = (cols: number, rows: number) => ({ cols, rows });

describe('the letters of a terminal', () => {
  it('fill the width or the height, whichever ends first', () => {
    expect(fitting({ width: 722.4, height: 1000 }, size(100, 24), false)).toBeCloseTo(12);
    expect(fitting({ width: 2000, height: 330 }, size(80, 24), false)).toBeCloseTo(11);
    expect(fitting({ width: 5000, height: 5000 }, size(80, 24), false)).toBe(LETTERS.most);
    expect(fitting({ width: 5000, height: 5000 }, size(80, 24), true)).toBe(LETTERS.mostBig);
  });

  it('are never too small to be read: the rest is scrolled to', () => {
    expect(fitting({ width: 340, height: 300 }, size(110, 40), false)).toBe(LETTERS.least);
    expect(fitting({ width: 340, height: 0 }, size(30, 40), false)).toBeLessThan(LETTERS.mostBig);
  });

  it('change by a step, within what can be drawn', () => {
    expect(zoomed(10.4, 1)).toBe(11);
    expect(zoomed(10.4, -1)).toBe(10);
    expect(zoomed(16, 1)).toBe(18);
    expect(zoomed(18, -1)).toBe(16);
    expect(zoomed(40, 1)).toBe(40);
    expect(zoomed(5, -1)).toBe(5);
  });
});
