// The door: the first sign-in, every factor, the keyboard alone, German, and out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, open, until, visits } from './browser.mjs';
import { look } from './eyes.mjs';
import { house } from './house.mjs';
import { PASSWORD, enrolWithPasskey, keep, lands, scan, signInAs, signOut } from './people.mjs';

before(open);
after(close);

let ines;

test('a first sign-in by link: a password, an authenticator app, recovery codes', visits(async (arrive) => {
  const visitor = await arrive();
  await visitor.go(house.people.ines.link);
  await look(visitor, 'enrol-password');
  await visitor.field('New password').pressSequentially('correct horse');
  await visitor.page.getByRole('meter', { name: 'Strength' }).waitFor();
  await look(visitor, 'enrol-password-strength');
  await visitor.field('New password').fill('password123');
  await visitor.button('Continue').click();
  await visitor.page.getByRole('alert').waitFor();
  await look(visitor, 'enrol-password-refused');
  await visitor.field('New password').fill(PASSWORD);
  await visitor.button('Continue').click();
  await visitor.heading('Add a second factor').waitFor();
  await look(visitor, 'enrol-choose');
  await visitor.button('Authenticator app').click();
  const app = await scan(visitor);
  await look(visitor, 'enrol-app');
  await visitor.field('Code').fill('000000');
  await visitor.button('Continue').click();
  await visitor.page.getByRole('alert').waitFor();
  await visitor.field('Code').fill(app.code());
  await visitor.button('Continue').click();
  const codes = await keep(visitor, async () => {
    await look(visitor, 'enrol-codes');
    await visitor.button('Copy').click();
    await visitor.button('Copied').waitFor();
    const copied = await visitor.page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied.split('\n').length, 10);
    await visitor.page.emulateMedia({ media: 'print' });
    assert.ok(await visitor.page.getByRole('list', { name: 'Recovery codes' }).isVisible());
    assert.equal(await visitor.page.locator('button:visible').count(), 0, 'a print holds the codes, and nothing to press');
    await visitor.page.emulateMedia({ media: 'screen' });
  });
  await lands(visitor);
  await visitor.heading('Inés Moreau').waitFor();
  ines = { name: 'ines', password: PASSWORD, app, codes };
  await signOut(visitor);
  await look(visitor, 'signed-out');
  visitor.expects(410);
  await visitor.go(house.people.ines.link);
  await visitor.sees('This is over');
  await look(visitor, 'link-used');
}));

/// abuse case A29: who leaves the guided sign-in half-way is not in.
test('half a first sign-in opens nothing', visits(async (arrive) => {
  const visitor = await arrive();
  await visitor.go(house.people.vera.link);
  await visitor.field('New password').fill(PASSWORD);
  await visitor.button('Continue').click();
  await visitor.heading('Add a second factor').waitFor();
  for (const path of ['/', '/you', '/requests', '/sessions', '/grants', '/break-glass']) {
    await visitor.go(path);
    assert.equal(visitor.path(), '/sign-in', path);
  }
}));

test('a password and a code, by the keyboard alone', visits(async (arrive) => {
  const visitor = await arrive();
  const { keyboard } = visitor.page;
  const here = () =>
    visitor.page.evaluate(() => {
      const e = document.activeElement;
      const ring = getComputedStyle(e);
      return {
        what: e.labels?.[0]?.textContent ?? e.textContent.trim(),
        seen: ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2,
      };
    });
  const at = async (what) => assert.deepEqual(await here(), { what, seen: true });
  await visitor.go('/you');
  await look(visitor, 'sign-in');
  await at('Name or e-mail address');
  await keyboard.press('Shift+Tab');
  await at('Skip to the content');
  await keyboard.press('Tab');
  await keyboard.type('ines@example.org');
  await keyboard.press('Tab');
  await at('Continue');
  await keyboard.press('Tab');
  await at('Use a passkey');
  await keyboard.press('Shift+Tab');
  await keyboard.press('Enter');
  await visitor.heading('Enter your password').waitFor();
  await look(visitor, 'sign-in-password');
  await at('Password');
  await keyboard.type('not this one');
  await keyboard.press('Enter');
  await visitor.sees('That name or password is not right.');
  await look(visitor, 'sign-in-password-wrong');
  await at('Password');
  await keyboard.type(PASSWORD);
  await keyboard.press('Enter');
  await visitor.heading('Enter the code').waitFor();
  await look(visitor, 'sign-in-code');
  await at('Code');
  await keyboard.type(ines.app.code());
  await keyboard.press('Enter');
  // Back to where they wanted to go.
  await visitor.arrives('/you');
  await signOut(visitor);
}));

test('a recovery code takes the place of the app, once', visits(async (arrive) => {
  const visitor = await arrive();
  const begin = async () => {
    await visitor.go('/sign-in');
    await visitor.field('Name or e-mail address').fill('ines');
    await visitor.button('Continue').click();
    await visitor.field('Password').fill(PASSWORD);
    await visitor.button('Continue').click();
    await visitor.button('Use a recovery code instead').click();
    await visitor.field('Recovery code').fill(ines.codes[0]);
  };
  await begin();
  await look(visitor, 'sign-in-recovery');
  await visitor.button('Continue').click();
  await lands(visitor);
  await visitor.go('/you');
  await visitor.sees('9 left');
  await signOut(visitor);
  await begin();
  await visitor.button('Continue').click();
  await visitor.sees('Each code works once.');
}));

test('a passkey can be the only factor, and offers itself', visits(async (arrive) => {
  const visitor = await arrive();
  const key = await visitor.authenticator();
  await enrolWithPasskey(visitor, 'tomas', { at: () => look(visitor, 'enrol-passkey') });
  const passkeys = await key.taken();
  assert.equal(passkeys.length, 1);
  await key.willing(false);
  await signOut(visitor);
  // A browser that offers nothing by itself has the button.
  const plain = await arrive();
  await plain.context.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  await plain.authenticator(passkeys);
  await plain.go('/sign-in');
  await plain.button('Use a passkey').click();
  await lands(plain);
  // Another offers it in the autofill of the name.
  const offering = await arrive();
  await signInAs(offering, passkeys);
}));

test('a passkey that is refused is not offered by itself again', visits(async (arrive) => {
  const ruth = await arrive();
  await ruth.authenticator();
  await enrolWithPasskey(ruth, 'ruth');
  const kim = await arrive();
  await kim.context.addInitScript(() => {
    const get = navigator.credentials.get.bind(navigator.credentials);
    globalThis.asked = 0;
    navigator.credentials.get = (options) => {
      globalThis.asked += 1;
      return get(options);
    };
  });
  const key = await kim.authenticator();
  await enrolWithPasskey(kim, 'kim');
  await key.willing(false);
  await signOut(kim);
  await ruth.api('POST', '/identities/kim/disable', { reason: 'left' });
  let answers = 0;
  kim.page.on('request', (r) => { answers += r.method() === 'POST' && new URL(r.url()).pathname === '/sign-in' ? 1 : 0; });
  await key.willing(true);
  await kim.go('/sign-in');
  await kim.page.getByRole('alert').waitFor();
  await look(kim, 'sign-in-refused');
  assert.equal(await kim.page.evaluate(() => globalThis.asked), 0, 'it waits for the person');
  assert.equal(answers, 1);
  await kim.button('Use a passkey').click();
  await until('a second answer, after the person acted', () => answers === 2);
  await kim.page.getByRole('alert').waitFor();
}));

test('the whole way in German, without a word of English', visits(async (arrive) => {
  const visitor = await arrive({ locale: 'de-DE' });
  await visitor.go('/sign-in');
  await look(visitor, 'de-sign-in');
  await visitor.field('Name oder E-Mail-Adresse').fill('ines');
  await visitor.button('Weiter').click();
  await visitor.field('Passwort').fill(PASSWORD);
  await visitor.button('Weiter').click();
  await visitor.button('Stattdessen einen Wiederherstellungscode verwenden').click();
  await visitor.field('Wiederherstellungscode').fill('nicht richtig');
  await visitor.button('Weiter').click();
  await visitor.sees('Jeder Code gilt einmal.');
  await look(visitor, 'de-sign-in-recovery');
  await visitor.field('Wiederherstellungscode').fill(ines.codes[1]);
  await visitor.button('Weiter').click();
  await lands(visitor);
  await look(visitor, 'de-home');
  await visitor.go('/requests');
  await look(visitor, 'de-requests');
  await visitor.go('/you');
  await look(visitor, 'de-you');
  await visitor.go('/you/activity');
  await visitor.sees('Angemeldet');
  visitor.expects(404);
  await visitor.go('/requests/nowhere');
  await visitor.sees('Hier ist nichts');
}));
