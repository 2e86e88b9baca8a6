import { describe, expect, it } from 'vitest';
import { touched } from './live';

describe('what a change makes old', () => {
  it('knows the kinds of the feed, however they are written', () => {
    expect(touched('privileged_session')).toContain('privileged-sessions');
    expect(touched('privileged-session')).toContain('privileged-sessions');
    expect(touched('team')).toContain('groups');
    expect(touched('grant')).toContain('own-targets');
  });

  it('guesses for a kind that is new', () => {
    expect(touched('check_out')).toEqual(['check-outs']);
  });

  it('asks nothing again for what is not shown', () => {
    expect(touched('confirmation')).toEqual([]);
  });
});
