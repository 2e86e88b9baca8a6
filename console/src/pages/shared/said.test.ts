import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Schemas } from '../../api/client';
import { wordsOf } from '../../i18n';
import { foldParts, rows, told } from './said';

const words = (lang: 'en' | 'de') =>
  wordsOf(lang, readFileSync(new URL(`../../i18n/${lang}.ftl`, import.meta.url), 'utf8'));
const ANNA = '0190b5a8-1111-7222-8333-444455556666';
const event = (activity: string, details: Record<string, unknown>, target_name?: string) => ({
  activity,
  details,
  target_name,
});

describe('what a record says', () => {
  const en = words('en');

  it('is the command that was run', () => {
    expect(told(en, event('session.command', { command: 'uname -s', certain: true }))).toEqual({
      text: 'uname -s',
      code: true,
    });
  });

  it('is the file, and what became of it, in the language of the reader', () => {
    const file = { operation: 'remove', path: '/etc/x', outcome: 'permission denied', bytes: 3 };
    expect(told(words('de'), event('session.file', file))?.text).toBe(
      'Löschen /etc/x · Zugriff verweigert',
    );
  });

  it('is the reason, and no name that stands beside it already, and no id', () => {
    expect(told(en, event('person.disabled', { reason: 'left' }))?.text).toBe('left');
    expect(told(en, event('group.created', { name: 'staff' }, 'Group staff'))).toBeUndefined();
    expect(told(en, event('group.deleted', { name: 'staff' }))?.text).toBe('staff');
    expect(told(en, event('group.member-added', { member: ANNA }))).toBeUndefined();
  });

  it('does not tell the whole text of a policy in a row', () => {
    expect(told(en, event('policy.changed', { text: 'permit (…', name: 'x' }, 'Policy x'))).toBe(
      undefined,
    );
  });
});

describe('all that a record says', () => {
  it('has a label and a value for each, and knows whose id it is', () => {
    const [member] = rows(
      words('en'),
      event('group.member-added', { member_kind: 'identity', member: ANNA }),
    );
    expect(member).toMatchObject({ label: 'Member', id: { kind: 'identity', id: ANNA } });
    const holder = rows(
      words('en'),
      event('role.assigned', { holder_kind: 'group', holder: ANNA }),
    );
    expect(holder[0]?.id?.kind).toBe('group');
  });

  it('reads like the rest of the page', () => {
    const said = rows(
      words('de'),
      event('session.ended', { bytes_in: 1500, seconds: 90, x: true }),
    );
    expect(said.map(r => `${r.label}: ${r.text}`)).toEqual([
      'Empfangen: 1,5 kB',
      'Dauer: 1 Minute 30 Sekunden',
      'x: Ja',
    ]);
  });
});

it('counts the parts of one recording as one, as long as nothing else happens', () => {
  const at = (activity: string, privileged_session: string) =>
    ({ activity, privileged_session }) as Schemas['Event'];
  const part = (s: string) => at('recording.chunk', s);
  const folded = foldParts([
    part('a'),
    part('a'),
    part('b'),
    at('session.command', 'b'),
    part('b'),
  ]);
  expect(folded.map(e => [e.activity, e.times ?? 1])).toEqual([
    ['recording.chunk', 2],
    ['recording.chunk', 1],
    ['session.command', 1],
    ['recording.chunk', 1],
  ]);
});
