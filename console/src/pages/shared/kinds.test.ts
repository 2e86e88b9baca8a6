import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../i18n';
import { idOf, KINDS, kindOptions, kindText, onText } from './kinds';

const CRATES = fileURLToPath(new URL('../../../../crates/', import.meta.url));

/** Looks like a kind, and is a file, a setting or an example. */
const OTHER = /\.(html|key|json|jsonl|db|pem|mjs|url|toml|b|tls|done)$|^(http|settings|outbound)\./;

/** Put together where they are recorded. */
const MADE = [
  'confirmation.confirmed',
  'confirmation.refused',
  ...['person', 'workload'].flatMap(who => [`${who}.enabled`, `${who}.disabled`]),
];

/** The kinds that the server's sources name, without those of their tests. */
function recorded(): Set<string> {
  const found = new Set(MADE);
  for (const file of readdirSync(CRATES, { recursive: true, encoding: 'utf8' })) {
    const path = file.replaceAll('\\', '/');
    if (!/^[\w-]+\/src\/.*\.rs$/.test(path) || /tests|^(bench|testsuite)\/|\/demo\//.test(path))
      continue;
    const source = readFileSync(CRATES + file, 'utf8').split('#[cfg(test)]')[0] ?? '';
    for (const [, kind] of source.matchAll(/"([a-z][a-z-]*\.[a-z][a-z-]*)"/g)) {
      if (kind && !OTHER.test(kind)) found.add(kind);
    }
  }
  return found;
}

const words = (lang: 'en' | 'de') =>
  wordsOf(lang, readFileSync(new URL(`../../i18n/${lang}.ftl`, import.meta.url), 'utf8'));

describe('kinds of events', () => {
  it('are those that the server records', () => {
    expect([...KINDS].sort()).toEqual([...recorded()].sort());
  });

  it('have words in both languages, of their own', () => {
    for (const lang of ['en', 'de'] as const) {
      const known = words(lang);
      const all = KINDS.map(kind => known.maybe(idOf(kind)));
      expect(KINDS.filter((_, i) => !all[i])).toEqual([]);
      expect(new Set(all).size).toBe(KINDS.length);
    }
  });

  it('tell a sign-in from a privileged session', () => {
    const text = (activity: string, privileged_session: string | null) =>
      kindText(words('en'), { activity, privileged_session });
    expect(text('session.opened', null)).toBe('Signed in');
    expect(text('session.opened', 'x')).toBe('Privileged session opened');
    expect(text('session.ended', 'x')).toBe('Privileged session ended');
    expect(text('session.refused', 'x')).toBe('Privileged session refused');
    expect(text('newer.than-this', null)).toBe('newer.than-this');
  });

  it('say what it happened to, in both languages, and never by an id alone', () => {
    const id = '01a2159b-dfff-762d-8f6a-263dc57aa9a0';
    const on = (lang: 'en' | 'de', kind: string, name: string | null) =>
      onText(words(lang), { target: { kind, id }, target_name: name && `${kind} ${name}` });
    expect(on('en', 'Account', 'deploy@web-1')).toBe('Account deploy@web-1');
    expect(on('de', 'Account', 'deploy@web-1')).toBe('Konto deploy@web-1');
    expect(on('en', 'Request', id)).toBe('Request');
    expect(on('de', 'PrivilegedSession', null)).toBe('Privilegierte Sitzung');
    expect(on('en', 'Newer', 'x')).toBe('Newer x');
    expect(onText(words('en'), { target: null })).toBe('–');
    const session = { target: { kind: 'PrivilegedSession', id }, target_name: null };
    expect(onText(words('en'), session, new Map([[id, 'deploy@web-1']]))).toBe(
      'deploy@web-1 · Privileged session',
    );
  });

  it('are offered in the order of the language', () => {
    const labels = kindOptions(words('de')).map(o => o.label);
    expect(labels).toEqual(labels.toSorted((a, b) => a.localeCompare(b, 'de')));
  });
});
