import { describe, expect, it } from 'vitest';
import { csv } from './export';

describe('csv', () => {
  const columns = [
    { name: 'name', value: (r: { name: string; n: number }) => r.name },
    { name: 'n', value: (r: { name: string; n: number }) => r.n },
  ];

  it('quotes what needs quotes', () => {
    expect(csv([{ name: 'a "b", c', n: -1 }], columns)).toBe('name,n\r\n"a ""b"", c",-1\r\n');
  });

  it('lets no cell become a formula', () => {
    for (const evil of ['=1+1', '+1', '-1', '@x', '\t=1']) {
      expect(csv([{ name: evil, n: 0 }], columns).split('\r\n')[1]).toContain(`'${evil}`);
    }
  });
});
