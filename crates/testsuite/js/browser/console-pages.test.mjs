// Every page of the console, looked at: in both themes, from 320 to 2560 pixels
// wide, and in German.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { PHONE, close, open, visits } from './browser.mjs';
import { as, drawn, place } from './console.mjs';
import { glance, lookAround, lookHere } from './eyes.mjs';
import { house } from './house.mjs';

const CONSOLE = new URL('../../../../console/src/', import.meta.url);

before(open);
after(close);

/** What is looked at while it is in use (`console-in-use.test.mjs`). */
const IN_USE = ['/sessions/$id', '/requests/$id'];

/** What is looked at here, as it is when one comes to it. */
const PLACES = [
  '/', '/request', '/requests', '/approvals', '/sessions', '/security', '/activity', '/back',
  '/manage', '/manage/people', '/manage/people?new=1', '/manage/people/eve', '/manage/devices', '/manage/workloads', '/manage/workloads?new=1',
  '/manage/groups', '/manage/groups?new=1', '/manage/groups/engineers', '/manage/roles', '/manage/roles?new=1', '/manage/roles/administrator',
  '/manage/targets', '/manage/targets?new=1', '/manage/targets/dev-1', '/manage/applications', '/manage/applications?new=1',
  '/manage/applications/rota', '/manage/applications/rota/test', '/manage/secrets', '/manage/secrets?new=1', '/manage/secrets/deploy-token',
  '/manage/policies', '/manage/policies/hosts', '/manage/policies/~new', '/manage/requests', '/manage/requests?tab=grants',
  '/manage/sessions', '/manage/audit', '/manage/map', '/manage/map?who=eve', '/manage/map?who=eve&f.standing=true', '/manage/why', '/manage/settings', '/manage/nodes', '/nowhere',
];

/** The places that there are, as the router has them; `$` stands for a name. */
function routes() {
  const text = readFileSync(new URL('app/router.tsx', CONSOLE), 'utf8');
  return [...text.matchAll(/(?:\bat\(|\bpath: )'([^']+)'/g)].map(([, path]) => path);
}

const name = (path) => `console${path.replace(/\W+/g, '-').replace(/-$/, '') || '-home'}`;

test('each page can be used by everybody', visits(async (arrive) => {
  const ruth = await as(arrive, 'ruth');
  await ruth.api('PUT', '/secrets/deploy-token', { kind: 'opaque', value: 'not so secret', description: 'What the pipeline deploys with' });
  for (const route of routes().filter((r) => !IN_USE.includes(r))) {
    const pattern = new RegExp(`^${route.replace(/\$\w+/g, '[^/?]+')}$`);
    assert.ok(PLACES.some((path) => pattern.test(path.split('?')[0])), `nobody looks at ${route}`);
  }
  // One run tells of every page.
  const wrong = [];
  for (const path of PLACES) {
    await place(ruth, path);
    await lookAround(ruth, name(path)).catch((error) => wrong.push(error.message));
  }
  assert.deepEqual(wrong, []);
}));

/** What an address opens above a page, or what it says when nothing is found. */
const OPENED = [
  '/manage/people?q=nobody-of-this-name', '/manage/people/eve?do=disable', '/manage/people/eve?do=invite', '/manage/groups/engineers?new=1',
  '/manage/groups/engineers?do=delete', '/manage/roles/administrator?new=1', '/manage/targets/dev-1?new=account', '/manage/secrets/deploy-token?new=1',
  '/manage/settings?new=1', '/manage/settings?do=seal', '/manage/why?who=eve&what=session:open&on=deploy@web-1', '/security?new=1',
];

test('what an address opens can be used by everybody', visits(async (arrive) => {
  const ruth = await as(arrive, 'ruth');
  const wrong = [];
  for (const path of OPENED) {
    await place(ruth, path);
    if (/[?&](new|do)=/.test(path)) await ruth.page.getByRole('dialog').or(ruth.page.getByRole('alertdialog')).getByRole('heading').first().waitFor();
    else if (path.includes('who=')) await ruth.sees('Not permitted yet');
    else await ruth.sees('Nothing was found');
    await drawn(ruth);
    await lookAround(ruth, name(path)).catch((error) => wrong.push(error.message));
  }
  assert.deepEqual(wrong, []);
}));

test('what is opened by hand can be used by everybody', visits(async (arrive) => {
  const ruth = await as(arrive, 'ruth');
  const { page } = ruth;
  await place(ruth, '/manage/people');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search or go to…' }).fill('eve');
  await page.getByRole('option', { name: /Eve Lindqvist/ }).waitFor();
  await lookHere(ruth, 'console-palette');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Account and appearance' }).click();
  await page.getByRole('menu').waitFor();
  await lookHere(ruth, 'console-account');
  await page.keyboard.press('Escape');
  await ruth.button('Columns').click();
  await page.getByRole('menu').waitFor();
  await lookHere(ruth, 'console-columns');

  // A record, and its proof.
  await place(ruth, '/manage/audit');
  await page.getByRole('row').nth(1).click();
  await ruth.button('Get the proof').click();
  await ruth.sees('In the log as leaf');
  await lookAround(ruth, 'console-audit-record');

  // A sign-in that would not work says why.
  await place(ruth, '/manage/applications/rota/test');
  const asked = new URLSearchParams({ client_id: house.applications.rota.id, response_type: 'code', scope: 'openid', redirect_uri: 'https://elsewhere.example/' });
  await page.getByRole('textbox', { name: /What the application sends/ }).fill(`${house.origin}/oauth2/authorize?${asked}`);
  await ruth.button('Test').click();
  await ruth.sees('The request is wrong');
  await lookAround(ruth, 'console-sign-in-test-wrong');

  // What is not there, and what the server cannot do.
  ruth.expects(404, 500);
  await place(ruth, '/manage/groups/no-such-group');
  await ruth.sees('There is no no-such-group here');
  await lookAround(ruth, 'console-missing-group');
  await page.route('**/api/v1/targets?*', (route) => route.fulfill({
    status: 500, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'x', status: 500, code: 'internal' }),
  }));
  await place(ruth, '/manage/targets');
  await ruth.sees('Something went wrong at the server');
  await lookAround(ruth, 'console-trouble');
}));

test('the menu of a phone can be used by everybody', visits(async (arrive) => {
  const ruth = await as(arrive, 'ruth', { size: PHONE });
  await place(ruth, '/manage');
  await ruth.button('Open the menu').click();
  await ruth.page.getByRole('link', { name: 'Nodes' }).waitFor();
  await drawn(ruth);
  await lookHere(ruth, 'console-menu');
}));

test('read from the right, everything still fits', visits(async (arrive) => {
  const ruth = await as(arrive, 'ruth');
  const wrong = [];
  for (const path of ['/', '/manage', '/manage/people', '/manage/people/eve', '/manage/map?who=eve']) {
    await place(ruth, path);
    await ruth.page.evaluate(() => { document.documentElement.dir = 'rtl'; });
    await glance(ruth, `rtl-${name(path)}`).catch((error) => wrong.push(error.message));
  }
  assert.deepEqual(wrong, []);
}));

test('a device is managed on a phone', visits(async (arrive) => {
  const ruth = await as(arrive, 'ruth', { size: { width: 360, height: 740 } });
  await place(ruth, '/manage/devices?q=ruth');
  const row = ruth.page.getByRole('row').filter({ hasText: 'ruth' }).first();
  await row.getByRole('button', { name: /^Forget/ }).waitFor();
  await row.getByRole('button', { name: /^Mark managed/ }).click();
  await ruth.page.getByRole('alertdialog').getByRole('button', { name: 'Mark managed' }).click();
  await ruth.page.getByRole('row').filter({ hasText: 'ruth' }).getByRole('button', { name: /^Mark unmanaged/ }).first().waitFor();
}));

/** Whole messages without anything to fill in, by their ids. */
function messages(lang) {
  const text = readFileSync(new URL(`i18n/${lang}.ftl`, CONSOLE), 'utf8');
  return new Map([...text.matchAll(/^([\w-]+) = ([^{}\n]+)$/gm)].map(([, id, value]) => [id, value.trim()]));
}

test('the same in German, without a word of English', visits(async (arrive) => {
  const ruth = await as(arrive, 'ruth', { locale: 'de-DE' });
  const [english, german] = [messages('en'), messages('de')];
  const ours = new Set(german.values());
  const foreign = new Set([...english].filter(([id, text]) => german.get(id) !== text && !ours.has(text)).map(([, text]) => text));
  const wrong = [];
  for (const path of PLACES) {
    await place(ruth, path);
    const said = await ruth.page.evaluate(() => {
      const found = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) found.push(node.textContent.trim());
      for (const e of document.querySelectorAll('[aria-label], [placeholder], [title]'))
        found.push(e.getAttribute('aria-label'), e.getAttribute('placeholder'), e.getAttribute('title'));
      return found.filter(Boolean);
    });
    wrong.push(...said.filter((text) => foreign.has(text)).map((text) => `${path}: ${text}`));
    await glance(ruth, `de-${name(path)}`).catch((error) => wrong.push(error.message));
  }
  assert.deepEqual(wrong, []);
}));
