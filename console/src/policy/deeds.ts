/** What policies permit, in words: each action with its code, by what it is about. */
import type { Words } from '../i18n';
import { ACTIONS } from './schema';

/** In the order in which they are offered. */
export const SUBJECTS = [
  'everyday',
  'sessions',
  'requests',
  'vault',
  'directory',
  'access',
  'house',
] as const;
export type Subject = (typeof SUBJECTS)[number];

const ABOUT: Record<string, Subject> = {
  'sign-in': 'everyday',
  application: 'access',
  own: 'everyday',
  session: 'sessions',
  recording: 'sessions',
  request: 'requests',
  grant: 'requests',
  secret: 'vault',
  credential: 'vault',
  identity: 'directory',
  device: 'directory',
  group: 'directory',
  role: 'directory',
  target: 'access',
};

export function subjectOf(action: string): Subject {
  if (action === 'application:open') return 'everyday';
  return ABOUT[action.split(':')[0] ?? ''] ?? 'house';
}

export function deedId(action: string): string {
  return `deed-${action.replaceAll(':', '-')}`;
}

/** An action that is newer than this page, by its code. */
export function deedText(words: Words, action: string): string {
  return words.maybe(deedId(action)) ?? action;
}

/** All of them, by subject, each group in the order of its words. */
export function deeds(
  words: Words,
  without: readonly string[] = [],
): { subject: Subject; actions: { action: string; text: string }[] }[] {
  return SUBJECTS.map(subject => ({
    subject,
    actions: ACTIONS.filter(a => subjectOf(a) === subject && !without.includes(a))
      .map(action => ({ action, text: deedText(words, action) }))
      .sort((a, b) => a.text.localeCompare(b.text, words.lang)),
  })).filter(g => g.actions.length > 0);
}
