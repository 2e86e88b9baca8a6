import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Language, wordsOf } from '../i18n';
import { wrong } from './wrong';

const words = (lang: Language) =>
  wordsOf(lang, readFileSync(new URL(`../i18n/${lang}.ftl`, import.meta.url), 'utf8'));

const plain = { type: 'text', min: '', max: '' };

it('is said in the words of the page, in both languages', () => {
  const said = (lang: Language) => [
    wrong(words(lang), { valueMissing: true }, plain),
    wrong(words(lang), { badInput: true }, { ...plain, type: 'number' }),
    wrong(words(lang), { typeMismatch: true }, { ...plain, type: 'email' }),
    wrong(words(lang), { typeMismatch: true }, { ...plain, type: 'url' }),
    wrong(words(lang), { rangeUnderflow: true }, { ...plain, min: '3' }),
    wrong(words(lang), { rangeOverflow: true }, { ...plain, max: '9' }),
    wrong(words(lang), { patternMismatch: true }, plain),
  ];
  const [english, german] = [said('en'), said('de')];
  expect(new Set([...english, ...german]).size).toBe(14);
  for (const text of [...english, ...german]) expect(text).not.toMatch(/^field-|\{/);
  expect(english[4]).toContain('3');
  expect(german[5]).toContain('9');
});
