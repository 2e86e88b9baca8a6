import { readFileSync } from 'node:fs';
import { FluentBundle, FluentResource } from '@fluent/bundle';
import { describe, expect, it } from 'vitest';
import { type Language, Words } from '../../i18n';
import { type Reason, reason } from './risk';

function words(lang: Language): Words {
  const bundle = new FluentBundle(lang, { useIsolating: false });
  const file = new URL(`../../i18n/${lang}.ftl`, import.meta.url);
  bundle.addResource(new FluentResource(readFileSync(file, 'utf8')));
  return new Words(lang, bundle);
}

const why = (fact: object): Reason =>
  ({ weight: 'minor', sentence: 'in the words of the server', fact }) as Reason;

const account = { about: { kind: 'Account', id: 'x' }, about_name: 'deploy@web-1' };
const application = { about: { kind: 'Application', id: 'y' }, about_name: 'ledger' };

const EVERY: Reason[] = [
  why({ code: 'first_time' }),
  why({ code: 'unusual_hour', sign_ins: 12 }),
  why({ code: 'new_network', address: '198.51.100.1' }),
  why({ code: 'unmanaged_device', known: true }),
  why({ code: 'unmanaged_device', known: false }),
  why({ code: 'critical_account', by: 'tier=0' }),
  why({ code: 'longer_than_before', before_seconds: 7200 }),
  why({ code: 'broke_glass', times: 2 }),
  why({ code: 'weak_proof', factors: ['password', 'totp'] }),
  why({ code: 'failed_sign_ins', times: 4 }),
  why({ code: 'changed_authenticators', at: '2026-01-02T03:04:05Z' }),
];

describe('the reasons of a risk', () => {
  it('are each said in both languages, with what makes them one', () => {
    for (const lang of ['en', 'de'] as const) {
      const said = EVERY.map(r => reason(words(lang), r, account));
      expect(new Set(said).size).toBe(EVERY.length);
      for (const text of said) expect(text).not.toMatch(/server|risk-|\{|undefined/);
      expect(said[0]).toContain('deploy@web-1');
      const opened = reason(words(lang), why({ code: 'first_time' }), application);
      expect(opened).toContain('ledger');
      expect(opened).toContain('90');
      const factors = lang === 'en' ? 'Password, Authenticator app' : 'Passwort, Authenticator-App';
      for (const part of ['12', '198.51.100.1', 'tier=0', '2', factors, '4', '2026'])
        expect(said.some(text => text.includes(part))).toBe(true);
    }
  });

  it('are said in the words of the server when the page does not know them', () => {
    expect(reason(words('de'), why({ code: 'moon_is_full' }), account)).toBe(
      'in the words of the server',
    );
  });
});
