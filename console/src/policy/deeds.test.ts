import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wordsOf } from '../i18n';
import { deedId, deeds, subjectOf } from './deeds';
import { ACTIONS } from './schema';

const words = (lang: 'en' | 'de') =>
  wordsOf(lang, readFileSync(new URL(`../i18n/${lang}.ftl`, import.meta.url), 'utf8'));

describe('what policies permit', () => {
  it('has words in both languages', () => {
    for (const lang of ['en', 'de'] as const) {
      const w = words(lang);
      expect(ACTIONS.filter(a => w.maybe(deedId(a)) === undefined)).toEqual([]);
    }
  });

  it('is offered whole, once each, by what it is about', () => {
    const all = deeds(words('en')).flatMap(g => g.actions.map(a => a.action));
    expect([...all].sort()).toEqual([...ACTIONS].sort());
    expect(subjectOf('application:open')).toBe('everyday');
    expect(subjectOf('application:write')).toBe('access');
    expect(subjectOf('policy:write')).toBe('house');
    expect(
      deeds(words('en'), ['sign-in']).flatMap(g => g.actions.map(a => a.action)),
    ).not.toContain('sign-in');
  });
});
