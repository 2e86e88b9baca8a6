import { describe, expect, it } from 'vitest';
import { parseList } from '../list/state';
import { asked, question, search } from './question';

describe('a question to the policies', () => {
  it('reads from the address what it wrote there', () => {
    const q = {
      who: 'eve',
      action: 'session:open',
      on: 'deploy@web-1',
      with: ['totp', 'reason'] as const,
      approvals: 2,
      hours: 4,
    };
    expect(question(parseList(search(q, false)))).toEqual(q);
  });

  it('keeps that nothing is brought apart from nothing being said', () => {
    const none = { ...question({}), who: 'eve', with: [] };
    expect(question(parseList(search(none, false))).with).toEqual([]);
    expect(question({}).with).toEqual(['password', 'totp']);
  });

  it('asks about the house where there is nothing else to ask about', () => {
    const q = { ...question({}), action: 'audit:read', on: 'web-1' };
    expect(asked(question(parseList(search(q, true)))).resource).toBeNull();
  });

  it('says how long in seconds, and only when something was said', () => {
    expect(asked({ ...question({}), hours: 2 }).context?.duration).toEqual({
      secs: 7200,
      nanos: 0,
    });
    expect(asked(question({})).context).not.toHaveProperty('duration');
  });
});
