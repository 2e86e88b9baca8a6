import { describe, expect, it } from 'vitest';
import { parseList, readList, writeList } from './state';

describe('the state of a list in the address', () => {
  it('reads what it wrote', () => {
    const search = writeList(
      {},
      {
        q: 'anna',
        sort: 'name',
        desc: true,
        filters: { state: 'disabled', kind: '' },
        columns: ['name', 'email'],
      },
    );
    expect(search).toEqual({ q: 'anna', sort: '-name', cols: 'name,email', 'f.state': 'disabled' });
    expect(readList(parseList(search))).toEqual({
      q: 'anna',
      sort: 'name',
      desc: true,
      filters: { state: 'disabled' },
      columns: ['name', 'email'],
    });
  });

  it('keeps what is not its own, such as an open dialog', () => {
    expect(writeList({ new: '1', q: 'x' }, { q: '' })).toEqual({ new: '1' });
  });

  it('drops what it does not know', () => {
    expect(parseList({ evil: '<script>', q: 5, 'f.state': '', sort: {} })).toEqual({ q: '5' });
  });
});
