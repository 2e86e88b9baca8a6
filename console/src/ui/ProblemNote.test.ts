import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Problem } from '../api/problem';
import { type Language, wordsOf } from '../i18n';
import { problemTitle } from './ProblemNote';

const words = (lang: Language) =>
  wordsOf(lang, readFileSync(new URL(`../i18n/${lang}.ftl`, import.meta.url), 'utf8'));
const refused = (requirements: object[]) =>
  Problem.of({ code: 'not_permitted', title: 'Not permitted', requirements }, 403);

it('does not call a missing proof a refusal', () => {
  const proof = problemTitle(words('en'), refused([{ kind: 'step_up' }]));
  expect(proof).toMatch(/fresh proof/);
  expect(problemTitle(words('de'), refused([{ kind: 'phishing_resistant' }]))).toMatch(/ausweisen/);
  for (const requirements of [[], [{ kind: 'step_up' }, { kind: 'approvals', count: 1 }]])
    expect(problemTitle(words('en'), refused(requirements))).toBe('Not permitted');
});
