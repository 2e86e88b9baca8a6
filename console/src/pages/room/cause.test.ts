import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Language, wordsOf } from '../../i18n';
import { whyEnded } from './cause';

const words = (lang: Language) =>
  wordsOf(lang, readFileSync(new URL(`../../i18n/${lang}.ftl`, import.meta.url), 'utf8'));

const revoked = { kind: 'revoked', by: 'x', reason: 'Enough.' } as const;
const ended = { end_cause: revoked, end_requested: null, grant: 'g' };

it('is a sentence of its own for each cause, in both languages', () => {
  for (const lang of ['en', 'de'] as const) {
    const said = [
      { ...ended, end_cause: { kind: 'expired' } as const },
      { ...ended, end_cause: { kind: 'returned' } as const },
      { ...ended, end_cause: { kind: 'no_longer_permitted', because: 'b' } as const },
      ended,
      { ...ended, end_requested: revoked },
    ].map(s => whyEnded(words(lang), s));
    expect(new Set(said).size).toBe(5);
    for (const text of said) expect(text).not.toMatch(/^ended-|\{|undefined/);
  }
});

it('was terminated when somebody asked for its end, or nothing could be revoked', () => {
  const said = (s: Parameters<typeof whyEnded>[1]) => whyEnded(words('de'), s);
  expect(said({ ...ended, end_requested: revoked })).toBe('abgebrochen: Enough.');
  expect(said({ ...ended, grant: null })).toBe('abgebrochen: Enough.');
  expect(said(ended)).toBe('beendet, weil der Zugang entzogen wurde: Enough.');
});
