import { describe, expect, it } from 'vitest';
import { labelsOf, labelsText, whereOf } from './target-form';

describe('labels', () => {
  it('reads what it wrote', () => {
    const labels = { env: 'prod', team: 'a=b' };
    expect(labelsOf(labelsText(labels))).toEqual(labels);
    expect(labelsOf(' env = prod ,, vendors\n')).toEqual({ env: 'prod', vendors: 'yes' });
  });
});

describe('settings', () => {
  it('shows where a host is, whatever the settings hold', () => {
    expect(whereOf({ host: 'h', port: 22, host_keys: ['k'] })).toBe('h');
    expect(whereOf({ host: 'h', port: 2200 })).toBe('h:2200');
    for (const odd of [null, 5, 'x', [], { host: 5, host_keys: 'x' }])
      expect(whereOf(odd)).toBe('');
  });
});
