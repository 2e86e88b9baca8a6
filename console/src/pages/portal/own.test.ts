import { describe, expect, it } from 'vitest';
import { asked, fits } from './own';

describe('what is one’s own, searched', () => {
  it('is found by a part of any of its texts', () => {
    expect(fits(' WEB ', 'deploy@web-1', 'ssh')).toBe(true);
    expect(fits('ssh', 'deploy@web-1', 'ssh')).toBe(true);
    expect(fits('', null)).toBe(true);
    expect(fits('db', 'deploy@web-1', null, undefined)).toBe(false);
  });

  it('asks the server only where more is than was read', () => {
    expect(asked('web', true)).toBe('');
    expect(asked(' web ', false)).toBe('web');
  });
});
