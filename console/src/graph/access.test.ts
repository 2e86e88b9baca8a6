import { describe, expect, it } from 'vitest';
import { howOf, pathText, wayOf } from './access';

const step = (kind: 'group' | 'role', name: string) => ({ kind, name, until: null });

describe('effective access', () => {
  it('does not take a grant for standing access', () => {
    expect(howOf({ how: 'now', standing: true })).toBe('standing');
    expect(howOf({ how: 'now', standing: false })).toBe('granted');
    expect(howOf({ how: 'request', standing: false })).toBe('request');
    expect(howOf({ how: 'break_glass', standing: false })).toBe('break_glass');
  });

  it('is drawn by what matters, and read with all that leads to it', () => {
    const path = { via: 'role' as const, chains: [[step('group', 'staff'), step('role', 'dba')]] };
    expect(wayOf(path)).toEqual({ kind: 'role', name: 'dba' });
    expect(pathText(path)).toBe('staff › dba');
  });

  it('keeps together what is needed together', () => {
    const path = {
      via: 'combined' as const,
      chains: [[step('group', 'on-call')], [step('group', 'staff'), step('role', 'dba')]],
    };
    expect(wayOf(path)).toEqual({ kind: 'combined', name: 'on-call + dba' });
    expect(pathText(path)).toBe('on-call + staff › dba');
    expect(wayOf({ via: 'direct', chains: [] })).toEqual({ kind: 'direct', name: '' });
  });
});
