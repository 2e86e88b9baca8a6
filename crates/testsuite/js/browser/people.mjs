// What people do at the door.

import { house } from './house.mjs';
import { App } from './totp.mjs';

export const PASSWORD = 'quiet otters borrow umbrellas';

const nothing = async () => {};

/** Whoever asked for no other place lands at the console; the pages are one link away. */
export async function lands(visitor) {
  await visitor.arrives('/console/');
  if (!house.console) await visitor.go('/');
}

/** The guided first sign-in with a password and an authenticator app. */
export async function enrolWithApp(visitor, name, { password = PASSWORD, at = nothing } = {}) {
  await visitor.go(house.people[name].link);
  await visitor.field('New password').fill(password);
  await visitor.button('Continue').click();
  await visitor.button('Authenticator app').click();
  const app = await scan(visitor);
  await at('app');
  await visitor.field('Code').fill(app.code());
  await visitor.button('Continue').click();
  const codes = await keep(visitor, at);
  await lands(visitor);
  return { name, password, app, codes };
}

/** The guided first sign-in with a passkey: no password, no codes. */
export async function enrolWithPasskey(visitor, name, { at = nothing } = {}) {
  await visitor.go(house.people[name].link);
  await visitor.button('Use a passkey instead').click();
  await visitor.heading('Create a passkey').waitFor();
  await at('passkey');
  await visitor.button('Create a passkey').click();
  await lands(visitor);
}

/** Takes the seed as an authenticator app would. */
export async function scan(visitor) {
  await visitor.page.getByText('Cannot scan it?').click();
  return new App(await visitor.page.locator('details code').innerText());
}

/** Keeps the recovery codes and goes on. */
export async function keep(visitor, at = nothing) {
  await visitor.heading('Save your recovery codes').waitFor();
  await at('codes');
  const codes = await visitor.page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts();
  await visitor.field('I have saved these codes').check();
  await visitor.button('Continue').click();
  return codes;
}

/** Signs in with a password and the app's code. */
export async function signIn(visitor, { name, password, app }) {
  await visitor.go('/sign-in');
  await visitor.field('Name or e-mail address').fill(name);
  await visitor.button('Continue').click();
  await visitor.field('Password').fill(password);
  await visitor.button('Continue').click();
  // Whoever has a passkey too is asked for that first.
  const other = visitor.button('Use an authenticator app instead');
  await visitor.field('Code').or(other).first().waitFor();
  if (await other.isVisible()) await other.click();
  await visitor.field('Code').fill(app.code());
  await visitor.button('Continue').click();
}

/** Signs in by a passkey that offers itself, on the way to `path`. */
export async function signInAs(visitor, passkeys, path = '/') {
  const key = await visitor.authenticator(passkeys);
  if (path === '/') {
    await visitor.go('/sign-in');
    await lands(visitor);
  } else {
    await visitor.go(path);
    await visitor.arrives(new URL(path, house.origin).pathname);
  }
  return key;
}

export async function signOut(visitor) {
  await visitor.button('Sign out').click();
  await visitor.arrives('/signed-out');
}
