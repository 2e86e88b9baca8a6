import { describe, expect, it } from 'vitest';
import { labelsOf, labelsText, settingsOf } from './target-form';

describe('labels', () => {
  it('reads what it wrote', () => {
    const labels = { env: 'prod', team: 'a=b' };
    expect(labelsOf(labelsText(labels))).toEqual(labels);
    expect(labelsOf(' env = prod ,, vendors\n')).toEqual({ env: 'prod', vendors: 'yes' });
  });
});

describe('settings', () => {
  it('shows where a host is, whatever the settings hold', () => {
    expect(settingsOf({ host: 'h', port: 22, host_keys: ['k'] }).where).toBe('h');
    expect(settingsOf({ host: 'h', port: 2200 }).where).toBe('h:2200');
    for (const odd of [null, 5, 'x', [], { host: 5, host_keys: 'x' }]) {
      expect(settingsOf(odd)).toMatchObject({ host: '', host_keys: [], where: '' });
    }
  });
});
