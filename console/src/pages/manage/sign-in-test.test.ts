import { describe, expect, it } from 'vitest';
import { claimText } from './sign-in-test';

describe('a claim', () => {
  it('is shown as it is sent', () => {
    expect(claimText('en', 'sub', 'eve')).toBe('eve');
    expect(claimText('en', 'groups', ['a', 'b'])).toBe('["a","b"]');
    expect(claimText('en', 'email_verified', false)).toBe('false');
    // A mapping may give any claim any value.
    expect(claimText('en', 'exp', 'never')).toBe('never');
  });

  it('that is a moment says which', () => {
    expect(claimText('en', 'iat', 1_767_225_600)).toMatch(/^1767225600 \(.*202[56].*\)$/);
  });
});
