// Every page of the console, looked at: in both themes, from 320 to 2560 pixels
// wide, and in German.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { close, open, visits } from './browser.mjs';
import { as, place } from './console.mjs';
import { glance, lookAround } from './eyes.mjs';

const CONSOLE = new URL('../../../../console/src/', import.meta.url);

before(open);
after(close);

/** What is looked at while it is in use (`console-in-use.test.mjs`). */
const IN_USE = ['/sessions/$id', '/requests/$id'];

/** What is looked at here. */
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
