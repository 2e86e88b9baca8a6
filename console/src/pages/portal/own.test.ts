import { describe, expect, it } from 'vitest';
import { asked, fits, soonest } from './own';

describe('what is one’s own, searched', () => {
  it('is found by a part of any of its texts', () => {
    expect(fits(' WEB ', 'deploy@web-1', 'ssh')).toBe(true);
    expect(fits('ssh', 'deploy@web-1', 'ssh')).toBe(true);
    expect(fits('', null)).toBe(true);
    expect(fits('db', 'deploy@web-1', null, undefined)).toBe(false);
  });

  it('shows first what is open now, and keeps the order of the server else', () => {
    const all = [
      { name: 'a', how: 'request' as const },
      { name: 'b', how: 'now' as const },
      { name: 'c', how: 'step_up' as const },
      { name: 'd', how: 'now' as const },
    ];
    expect(soonest(all).map(r => r.name)).toEqual(['b', 'd', 'c', 'a']);
  });

  it('asks the server only where more is than was read', () => {
    expect(asked('web', true)).toBe('');
    expect(asked(' web ', false)).toBe('web');
  });
});
