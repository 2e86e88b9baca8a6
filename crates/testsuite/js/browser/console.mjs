// Somebody in the console.

import { until } from './browser.mjs';
import { enrolWithPasskey } from './people.mjs';

const kept = {};

/** Somebody at a browser of their own; the first time they enrol a passkey. */
export async function as(arrive, name, options = {}) {
  const storageState = kept[name];
  const visitor = await arrive({ ...options, ...(storageState && { storageState }) });
  if (storageState) return visitor;
  await visitor.authenticator();
  await enrolWithPasskey(visitor, name);
  await keep(visitor, name);
  return visitor;
}

/** Their session, for further browsers. */
export async function keep(visitor, name) {
  kept[name] = await visitor.context.storageState();
}

/** Waits until the place is drawn. */
export async function drawn(visitor) {
  const { page } = visitor;
  await page.getByRole('heading', { level: 1 }).waitFor();
  await until(`${page.url()} is drawn`, async () => (await page.locator('main [role=status]:has-text("Loading"), main [role=status]:has-text("Lädt")').count()) === 0);
  // A form that an address opens is there once its code is, and then it moves in.
  if (/[?&]new=1/.test(page.url())) await page.getByRole('dialog').getByRole('heading').first().waitFor();
  await page.evaluate(async () => {
    const ends = (a) => a.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY;
    await Promise.allSettled(document.getAnimations().filter(ends).map((a) => a.finished));
    await document.fonts.ready;
  });
}

/** Goes to a place of the console. */
export async function place(visitor, path) {
  await visitor.go(`/console${path}`);
  await drawn(visitor);
}

/** The screen of a privileged session. */
export const screen = (visitor) => visitor.page.getByRole('group', { name: 'Screen of the session' });

/** Waits until the screen shows it. */
export async function shows(visitor, pattern) {
  let text = '';
  await until(`${pattern} on the screen`, async () => pattern.test((text = await screen(visitor).innerText()))).catch((error) => {
    throw new Error(`${error.message}\n${text}`);
  });
}

export const toast = (visitor, text) => visitor.page.getByRole('status').filter({ hasText: text }).first().waitFor();
