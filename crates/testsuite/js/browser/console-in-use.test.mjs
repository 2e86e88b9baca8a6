// The console in use: what people do there, several of them at once, and what
// must not go wrong.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, open, until, visits } from './browser.mjs';
import { as, drawn, keep, place, screen, shows, toast } from './console.mjs';
import { lookAround } from './eyes.mjs';
import { house } from './house.mjs';
import { enrolWithApp, enrolWithPasskey, signInAs } from './people.mjs';
import { Terminal, leave } from './terminal.mjs';
import { Wire } from './wire.mjs';

const PHONE = { width: 360, height: 740 };
const REASON = 'INC-4711: the disk of prod-1 is full';

/**
 * What a hostile target could print: a title, a link, the clipboard, questions
 * to the terminal, a picture, another size, and markup.
 */
const HOSTILE = [
  '\\033]0;taken over\\007', '\\033]2;taken over\\033\\\\', '\\033]8;;https://evil.example/\\033\\\\a link\\033]8;;\\033\\\\ ',
  '\\033]52;c;ZXZpbA==\\007', '\\033]1337;File=inline=1:AAAA\\007', '\\033[c\\033[6n\\033[18t', '\\033[8;5000;5000t',
  '\\033P0;1|17/ab\\033\\\\', '<img src=x onerror=alert(1)><script>alert(2)</script><a href=javascript:alert(3)>go</a> ',
  '\\342\\200\\256txt.exe \\033[31mdone\\033[0m\\n',
].join('');

let shell, session, moment;

before(open);
after(async () => {
  leave();
  await close();
});

test('a first sign-in ends in the console; it and the pages lead to each other', visits(async (arrive) => {
  const visitor = await as(arrive, 'ada');
  assert.equal(visitor.path(), '/console/');
  await visitor.heading('Home').waitFor();
  await visitor.page.getByRole('button', { name: 'Account and appearance' }).click();
  await visitor.page.getByRole('menuitem', { name: 'Pages without scripts' }).click();
  await visitor.heading('Hello, Ada Keller').waitFor();
  assert.equal(visitor.path(), '/');
  await visitor.link('Console').click();
  await visitor.arrives('/console/');
  await visitor.link('Console').click();
  await visitor.heading('Overview').waitFor();
  // A browser without scripts is led to the pages that need none.
  const plain = await arrive({ javaScriptEnabled: false, storageState: await visitor.context.storageState() });
  await plain.go('/console/');
  await plain.link('Go on without scripts').click();
  await plain.heading('Hello, Ada Keller').waitFor();
}));

test('access is asked for in one browser, given on a phone, and there in the first', visits(async (arrive) => {
  const eve = await as(arrive, 'eve');
  await drawn(eve);
  await lookAround(eve, 'console-portal');
  await eve.page.getByRole('listitem').filter({ hasText: house.guarded }).getByRole('link', { name: 'Request access' }).click();
  await eve.heading('Request access').waitFor();
  await eve.sees('have it approved by another person');
  await eve.field('Why?').fill(REASON);
  await eve.page.getByText('30 minutes', { exact: true }).click();
  await lookAround(eve, 'console-request-form');
  await eve.button('Send the request').click();
  await eve.sees('Waiting for a decision');
  await lookAround(eve, 'console-request-waits');
  const request = eve.path();

  const desk = await arrive();
  const key = await desk.authenticator();
  await enrolWithPasskey(desk, 'abe');
  await keep(desk, 'abe');
  await place(desk, '/approvals');
  await lookAround(desk, 'console-approvals');
  // A notice leads somebody who is not signed in over the sign-in to the very request.
  const abe = await arrive({ size: PHONE });
  await signInAs(abe, await key.taken(), request);
  await drawn(abe);
  const card = abe.page.getByRole('article', { name: new RegExp(house.guarded) });
  for (const told of [REASON, /30 minutes/, `They have never had a session on ${house.guarded}.`, '0 of 1']) await card.getByText(told).waitFor();
  await lookAround(abe, 'console-approval');
  await card.getByRole('button', { name: 'Approve' }).scrollIntoViewIfNeeded();
  await card.getByRole('button', { name: 'Approve' }).click();
  await toast(abe, 'has access now');
  await desk.sees('Nothing waits for you');

  // Nobody loads the page anew.
  await eve.sees('Yours for a while');
  await eve.sees(/^ssh /);
  await eve.sees(/left$/);
  await lookAround(eve, 'console-request-granted');
  await place(eve, '/');
  await eve.sees(/left$/);
  await lookAround(eve, 'console-portal-granted');
}));

/** abuse case A11: what a target sends is text, in the live view too. */
test('the session is live in a third browser, and terminated there', visits(async (arrive) => {
  const eve = await as(arrive, 'eve');
  shell = new Terminal(house.guarded);
  const [, link] = await shell.says(/Open:\s+(\S+)/);
  await eve.go(link);
  await eve.button('Yes, this is me').click();
  await shell.says(/[$#] $/);

  // Who may watch may not yet see what is kept of it.
  const mira = await as(arrive, 'mira');
  mira.expects(403);
  await place(mira, '/manage');
  await lookAround(mira, 'console-overview-live');
  await mira.link('Watch').first().click();
  await mira.sees('Live; your watching is recorded');
  session = mira.path().split('/').at(-1);
  shell.type('echo the answer is $((40+2)); uname -s');
  await shows(mira, /the answer is 42\s+Linux/);
  // The commands beside it, as they are typed.
  const beside = mira.page.getByRole('region').or(mira.page.locator('section')).filter({ has: mira.page.getByRole('tablist') });
  await beside.getByText(/uname -s/).waitFor();
  await lookAround(mira, 'console-session');
  shell.type(`printf '${HOSTILE}'`);
  await shows(mira, /a link .*<img src=x onerror=alert\(1\)>.*done/s);
  await harmless(mira);
  await lookAround(mira, 'console-room-live');

  await mira.button('Terminate').click();
  const dialog = mira.page.getByRole('alertdialog');
  for (const told of [/loses the connection to .* at once/, /It cannot be undone/]) await dialog.getByText(told).waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'Terminate' }).isDisabled(), 'it asks for a reason');
  await dialog.getByLabel('Reason', { exact: true }).fill('The window is over.');
  await lookAround(mira, 'console-terminate');
  await dialog.getByRole('button', { name: 'Terminate' }).click();
  await mira.sees('The session has ended');
  await beside.getByText(/uname -s/).waitFor();
  await shell.says(/The window is over\./);
  await until('the client ends', () => shell.over);
  await eve.go('/console/sessions');
  await eve.page.getByRole('row').filter({ hasText: 'Ended' }).first().waitFor();
  await lookAround(eve, 'console-my-sessions');
}));

test('a session is frozen: nothing passes, a message is read, and it goes on', visits(async (arrive) => {
  const eve = await as(arrive, 'eve');
  const held = new Terminal(house.guarded);
  const [, link] = await held.says(/Open:\s+(\S+)/);
  await eve.go(link);
  await eve.button('Yes, this is me').click();
  await held.says(/[$#] $/);

  const mira = await as(arrive, 'mira');
  mira.expects(403);
  await place(mira, '/manage');
  await mira.link('Watch').first().click();
  await mira.sees('Live; your watching is recorded');
  const room = mira.path().replace('/console', '');
  held.type('echo before-$((40+1))');
  await shows(mira, /before-41/);

  // By a key where the screen has the focus, as by the button.
  await screen(mira).press('f');
  const dialog = mira.page.getByRole('alertdialog');
  for (const told of [/reaches nothing on .* any more/, /It can be undone/]) await dialog.getByText(told).waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'Freeze' }).isDisabled(), 'it asks for a reason');
  await dialog.getByLabel('Reason', { exact: true }).fill('What is\nthis?');
  await lookAround(mira, 'console-freeze');
  await dialog.getByRole('button', { name: 'Freeze' }).click();
  const band = mira.page.getByRole('region', { name: 'Frozen: nothing passes' });
  await band.getByText('What is this?').waitFor();
  await mira.page.getByRole('status').filter({ hasText: 'mira froze this session: What is this?' }).waitFor();
  await held.says(/mira froze this session: What is this\?/);
  held.type('echo typed-$((40+2))');
  await held.says(/not sent; this session is frozen/);

  // Others see it, and can look for it.
  const abe = await as(arrive, 'abe');
  await place(abe, '/manage/sessions?f.state=frozen');
  const row = abe.page.getByRole('row').filter({ hasText: 'Frozen' });
  await row.first().waitFor();
  assert.equal(await abe.page.getByRole('row').filter({ hasText: /Live|Ended/ }).count(), 0);
  await place(mira, '/manage');
  await mira.sees('one of them frozen');
  await lookAround(mira, 'console-overview-frozen');

  await place(mira, room);
  await band.waitFor();
  await screen(mira).press('m');
  const field = mira.field('Write to eve');
  assert.ok(await field.evaluate((e) => e === document.activeElement), 'the key leads to the field');
  await field.fill('x'.repeat(501));
  await mira.sees('501 / 500');
  assert.ok(await mira.button('Send').isDisabled());
  await field.fill('Call me: 4711');
  // What is typed is not lost when the page is loaded anew.
  await mira.page.reload();
  await field.waitFor();
  assert.equal(await field.inputValue(), 'Call me: 4711');
  await field.press('Enter');
  await held.says(/message from mira: Call me: 4711/);
  await until('the field is empty', async () => (await field.inputValue()) === '');
  const beside = mira.page.getByRole('tabpanel');
  for (const told of ['mira froze it.', 'mira wrote:', 'Call me: 4711']) await beside.getByText(told).waitFor();
  await lookAround(mira, 'console-room-frozen');

  // Whoever may not do it is offered none of it, and learns of it all the same: who
  // watches, and the one whose session it is.
  const aldo = await as(arrive, 'aldo');
  for (const [other, told] of [[aldo, 'Live; your watching is recorded'], [eve, 'The screen is not shown to you']]) {
    await place(other, room);
    await other.sees(told);
    await other.page.getByRole('region', { name: 'Frozen: nothing passes' }).getByText('What is this?').waitFor();
    for (const order of ['mira froze it.', 'mira wrote:']) await other.page.getByRole('tabpanel').getByText(order).waitFor();
    for (const name of ['Freeze', 'Thaw', 'Terminate', 'Send']) assert.equal(await other.button(name).count(), 0, name);
  }
  await lookAround(eve, 'console-room-own');

  await band.getByRole('button', { name: 'Thaw' }).click();
  await band.waitFor({ state: 'detached' });
  await held.says(/mira thawed this session/);
  held.type('echo after-$((40+3))');
  await shows(mira, /after-43/);
  await held.says(/after-43/);
  assert.doesNotMatch(held.said, /typed-42/, 'what was typed blindly does not run');

  // What is frozen can be terminated.
  await screen(mira).press('f');
  await dialog.getByLabel('Reason', { exact: true }).fill('Enough.');
  await dialog.getByRole('button', { name: 'Freeze' }).click();
  await band.waitFor();
  await mira.button('Terminate').click();
  await dialog.getByLabel('Reason', { exact: true }).fill('Over and out.');
  await dialog.getByRole('button', { name: 'Terminate' }).click();
  await mira.sees('The session has ended');
  await held.says(/Over and out\./);
  await until('the client ends', () => held.over);

  // In the recording it leads to its moment.
  await place(aldo, room);
  await aldo.button('Play the recording').click();
  const moments = aldo.page.getByRole('tabpanel');
  await moments.getByRole('button', { name: /mira thawed it\./ }).click();
  const slider = aldo.page.getByRole('slider', { name: 'Moment' });
  const thawed = Number(await slider.inputValue());
  assert.ok(thawed > 0);
  await shows(aldo, /before-41/);
  await slider.press('Home');
  await screen(aldo).press('n');
  await until('it is at the first mark', async () => Number(await slider.inputValue()) > 0);
  assert.ok(Number(await slider.inputValue()) < thawed);
  await lookAround(aldo, 'console-replay-frozen');
}));

/** Nothing but text on the screen, nobody went anywhere, nothing was opened. */
async function harmless(visitor, path = `/console/sessions/${session}`) {
  const on = screen(visitor);
  assert.equal(await on.locator('a, img, script, iframe, svg, canvas, [href], [src]').count(), 0);
  assert.deepEqual(await on.locator('*').evaluateAll((all) => [...new Set(all.map((e) => e.localName))].filter((n) => n !== 'div' && n !== 'span')), []);
  assert.doesNotMatch(await on.innerText(), /[\u202a-\u202e\u2066-\u2069]/, 'nothing turns what is read');
  assert.equal(visitor.path(), path);
  assert.match(await visitor.page.title(), new RegExp(`^${house.guarded} · [^·]+$`), 'the page is called what it is about, not what the target says');
  assert.equal(visitor.context.pages().length, 1);
  assert.notEqual(await visitor.page.evaluate(() => navigator.clipboard.readText().catch(() => '')), 'evil');
}

/** abuse case A11: a recording that attacks whoever replays it does nothing. */
test('the recording is replayed: moved in, searched, shared; nothing in it runs', visits(async (arrive) => {
  const aldo = await as(arrive, 'aldo');
  aldo.page.on('dialog', (dialog) => {
    aldo.faults.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await place(aldo, `/sessions/${session}`);
  await aldo.sees('That you watch it is recorded before the first frame.');
  await lookAround(aldo, 'console-recording');
  await aldo.button('Play the recording').click();
  const slider = aldo.page.getByRole('slider', { name: 'Moment' });
  await slider.press('End');
  await shows(aldo, /a link .*<img src=x onerror=alert\(1\)>.*done/s);
  await harmless(aldo);
  await slider.press('Home');
  await until('the screen is as it was then', async () => !/42|done/.test(await screen(aldo).innerText()));
  // From a command to its moment.
  await aldo.page.getByRole('tabpanel').getByRole('button', { name: /printf/ }).click();
  await shows(aldo, /the answer is 42/);
  assert.ok(Number(await slider.inputValue()) > 0);
  await aldo.page.getByRole('tab', { name: 'Search' }).click();
  await aldo.field('Search inside the recording').fill('the answer is 4');
  await aldo.sees(/^Found (once|\d+ times)$/);
  await aldo.page.getByRole('tabpanel').getByRole('button').filter({ hasText: 'the answer is 42' }).first().click();
  await shows(aldo, /the answer is 42/);
  await lookAround(aldo, 'console-replay');
  await slider.press('End');
  await aldo.button('Copy a link to this moment').click();
  await toast(aldo, 'was copied');
  moment = await aldo.page.evaluate(() => navigator.clipboard.readText());
  assert.match(moment, new RegExp(`/console/sessions/${session}\\?at=\\d+$`));
  const [download] = await Promise.all([aldo.page.waitForEvent('download'), aldo.link('Download asciicast').click()]);
  assert.match(download.suggestedFilename(), /\.cast$/);
  // Each viewing is in the record.
  const { items } = await aldo.api('GET', '/audit/events?activity=recording.played');
  assert.ok(items.length >= 2, JSON.stringify(items));

  const abe = await as(arrive, 'abe');
  await abe.go(moment);
  await abe.button('Play the recording').click();
  await shows(abe, /done/);
  assert.ok(Number(await abe.page.getByRole('slider', { name: 'Moment' }).inputValue()) >= Number(new URL(moment).searchParams.get('at')));
  await harmless(abe);
  // Who may not play it is told so, whatever link they were sent.
  const noor = await as(arrive, 'noor');
  noor.expects(403, 404);
  await noor.go(moment);
  await noor.page.getByRole('alert').filter({ hasText: /not_found|not_permitted/ }).waitFor();
}));

test('a policy is broken, told where, and mended', visits(async (arrive) => {
  const mira = await as(arrive, 'mira');
  /** Pastes it over what stands there. */
  const write = async (policy) => {
    await mira.page.evaluate((copied) => navigator.clipboard.writeText(copied), policy);
    await text.press('Control+a');
    await text.press('Control+v');
  };
  await place(mira, '/manage/policies');
  await mira.link('Add a policy').or(mira.button('Add a policy')).first().click();
  await mira.page.getByRole('textbox', { name: 'Name', exact: true }).fill('night-shift');
  await mira.page.getByRole('radio', { name: /^In Cedar/ }).check();
  const text = mira.page.getByRole('textbox', { name: 'Text' });
  await write('permit (\n  principal,\n  action == Doorward::Action::"session:fly",\n  resource\n);');
  await mira.sees(/^Line 3, column \d+:$/);
  const save = mira.page.locator('form').getByRole('button', { name: 'Add a policy' });
  assert.ok(await save.isDisabled(), 'what is broken cannot be put in force');
  await lookAround(mira, 'console-policy-broken');
  await write('forbid (\n  principal,\n  action == Doorward::Action::"session:open",\n  resource\n)\nwhen { context.aal < 1 };');
  await mira.sees('It fits the schema');
  await save.click();
  // What it will do is said before it does it.
  const question = mira.page.getByRole('alertdialog');
  for (const told of ['Forbids', 'Open a privileged session', 'Everybody', /in force on every node at once/]) await question.getByText(told, { exact: typeof told === 'string' }).first().waitFor();
  await lookAround(mira, 'console-policy-question');
  await question.getByRole('button', { name: 'Put in force' }).click();
  await mira.arrives('/console/manage/policies/night-shift');
  await mira.sees('In force');
  // Somebody else changes it meanwhile: nothing is overwritten.
  await write('forbid (principal, action == Doorward::Action::"session:open", resource) when { context.aal < 2 };');
  await until('what was pasted can be saved', () => mira.button('Save and put in force').isEnabled());
  await mira.api('PUT', '/policies/night-shift', { text: 'forbid (principal, action == Doorward::Action::"session:open", resource) when { context.aal == 0 };', description: '' });
  await mira.sees('It was changed in the meantime');
  mira.expects(409, 412);
  await mira.button('Save and put in force').click();
  await question.getByRole('button', { name: 'Put the new text in force' }).click();
  await mira.page.getByRole('alert').filter({ hasText: 'version_mismatch' }).waitFor();
  assert.match(await text.innerText(), /aal < 2/, 'what was typed is still there');
  await mira.button('Discard changes').click();
  await until('it is as the other saved it', async () => /aal == 0/.test(await text.innerText()));
  // What is typed over a selection leaves no style behind, which the page's policy would refuse.
  await text.press('Control+a');
  await text.pressSequentially('permit (principal, action, resource);');
  await text.press('Shift+Home');
  await text.pressSequentially('forbid (');
  await mira.button('Discard changes').click();
  // What would take the reader's own right to change policies says so.
  await place(mira, '/manage/policies/administrators?do=switch');
  await question.getByText('You may lose the right to change policies').waitFor();
  await lookAround(mira, 'console-policy-own');
  await question.getByRole('button', { name: 'Cancel' }).click();
}));

test('who only reads is offered nothing that changes anything', visits(async (arrive) => {
  const aldo = await as(arrive, 'aldo');
  const offered = {
    '/manage/people': ['Add a person'],
    '/manage/people/eve': ['One-time link', 'Disable', 'Reset sign-in', 'Delete', 'Save'],
    '/manage/groups/engineers': ['Add a member', 'Take out', 'Delete', 'Save'],
    '/manage/roles/administrator': ['Assign', 'Take away', 'Delete', 'Save'],
    '/manage/targets/dev-1': ['Add an account', 'Set credential', 'Rotate', 'Disable', 'Delete', 'Save'],
    '/manage/applications/rota': ['New secret', 'Disable', 'Delete', 'Save'],
    '/manage/policies/hosts': ['Put out of force', 'Save and put in force', 'Delete'],
    '/manage/settings': ['Seal now', 'Add a webhook'],
  };
  for (const [path, names] of Object.entries(offered)) {
    await place(aldo, path);
    await drawn(aldo);
    for (const name of names) assert.equal(await aldo.page.getByRole('button', { name }).count(), 0, `${path}: ${name}`);
    await lookAround(aldo, `console-reads${path.replace(/\W+/g, '-')}`);
  }
}));

/** Proves who one is in the window beside the page. */
async function proveBeside(page, { name, password, app }) {
  const next = () => page.getByRole('button', { name: 'Continue', exact: true }).click();
  await page.getByLabel('Name or e-mail address', { exact: true }).fill(name);
  await next();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await next();
  await page.getByLabel('Code', { exact: true }).fill(app.code());
  await Promise.all([page.waitForEvent('close'), next()]);
}

test('a session that ends in the middle of a form takes nothing with it', visits(async (arrive) => {
  const mira = await as(arrive, 'mira');
  await place(mira, '/');
  const lena = await arrive();
  const proofs = await enrolWithApp(lena, 'lena');
  await place(lena, '/request?about=deploy@web-1');
  const why = lena.field('Why?');
  await why.fill('INC-4712: rotate the logs');
  await lena.page.reload();
  await drawn(lena);
  assert.equal(await why.inputValue(), 'INC-4712: rotate the logs', 'a reload keeps it');
  lena.expects(401, 404);
  await mira.api('DELETE', '/identities/lena/sessions');
  // The page says so by itself, and can still be written in.
  await lena.sees('Your session is over.');
  await why.fill('INC-4712: rotate the logs, then look why');
  await lena.button('Send the request').click();
  await lena.page.locator('form').getByText('unauthenticated').waitFor();
  await lookAround(lena, 'console-session-over');
  const [beside] = await Promise.all([
    lena.context.waitForEvent('page'),
    lena.page.locator('form').getByRole('button', { name: 'Sign in again' }).click(),
  ]);
  await proveBeside(beside, proofs);
  // It goes on by itself, with all that was typed.
  await lena.page.waitForURL(/\/console\/requests\/[^/]+$/);
  await lena.sees('INC-4712: rotate the logs, then look why');
  assert.equal(await lena.page.getByText('Your session is over.').count(), 0);
  await keep(lena, 'lena');
}));

test('a page goes on when its reader signs in beside it, and writes nothing for anybody else', visits(async (arrive) => {
  const jonas = await arrive();
  const key = await jonas.authenticator();
  await enrolWithPasskey(jonas, 'jonas');
  const ask = async (why) => {
    await place(jonas, '/request?about=deploy@web-1');
    await jonas.field('Why?').fill(why);
  };
  await ask('INC-4720: restart the mailer');
  // Another window changes the session under the page, and says nothing.
  const beside = await arrive();
  await signInAs(beside, await key.taken());
  await jonas.context.addCookies(await beside.context.cookies());
  jonas.expects(403);
  await jonas.button('Send the request').click();
  await jonas.page.waitForURL(/\/console\/requests\/[^/]+$/);
  await jonas.sees('INC-4720: restart the mailer');
  await ask('INC-4721: not by her');
  const mira = await as(arrive, 'mira');
  await jonas.context.addCookies(await mira.context.cookies());
  await jonas.button('Send the request').click();
  await jonas.arrives('/console/');
  const asked = await jonas.api('GET', '/requests?limit=200');
  assert.ok(asked.items.length > 0);
  assert.doesNotMatch(JSON.stringify(asked), /INC-4721/);
}));

test('a whole story by the keyboard alone', visits(async (arrive) => {
  const noor = await as(arrive, 'noor');
  await place(noor, '/');
  const { keyboard } = noor.page;
  /** What has the focus; it must be seen to have it. */
  const here = (visitor) => visitor.page.evaluate(() => {
    const e = document.activeElement;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(e);
    return {
      what: e === document.body ? '' : e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent.trim() ?? e.textContent.trim(),
      // Beyond the last there is the browser's own.
      seen: e === document.body || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1.5) || boxShadow !== 'none',
    };
  });
  /** Tab until it is reached; everything on the way shows that it has the focus. */
  const tabTo = async (visitor, what) => {
    const passed = [];
    for (let n = 0; n < 80; n += 1) {
      await visitor.page.keyboard.press('Tab');
      const at = await here(visitor);
      passed.push(at);
      assert.ok(at.seen, `the focus is not seen at ${JSON.stringify(at)}`);
      if (what.test(at.what)) return;
    }
    assert.fail(`${what} is not reached: ${JSON.stringify(passed.map((p) => p.what))}`);
  };
  const go = async (visitor, letters, heading) => {
    await visitor.page.keyboard.press('Control+k');
    await visitor.page.getByRole('combobox', { name: 'Search or go to…' }).waitFor();
    await visitor.page.keyboard.type(letters);
    await visitor.page.getByRole('option', { selected: true, name: heading }).waitFor();
    await visitor.page.keyboard.press('Enter');
    await visitor.page.getByRole('heading', { level: 1, name: heading }).waitFor();
  };
  await keyboard.press('Tab');
  assert.match((await here(noor)).what, /Skip to the content/);
  await keyboard.press('Enter');
  await until('the content has the focus', () => noor.page.evaluate(() => document.activeElement?.closest('main') !== null));
  await go(noor, 'request', 'Request access');
  await tabTo(noor, /^Request access.*postgres@db-1/s);
  await keyboard.press('Enter');
  await noor.page.getByLabel('Why?', { exact: true }).waitFor();
  // What was pressed is gone: the heading has the focus, not the beginning of the page.
  await until('the heading has the focus', () => noor.page.evaluate(() => document.activeElement?.localName === 'h1'));
  await tabTo(noor, /^Why/);
  await keyboard.type('INC-4713');
  await tabTo(noor, /hour|minutes/);
  await keyboard.press('ArrowUp');
  await tabTo(noor, /^Send the request$/);
  await keyboard.press('Enter');
  await noor.sees('Waiting for a decision');
  await noor.sees('postgres@db-1');

  const abe = await as(arrive, 'abe');
  await place(abe, '/');
  await go(abe, 'approv', 'Approvals');
  await abe.sees('INC-4713');
  await abe.page.getByRole('article').filter({ hasText: 'INC-4713' }).getByRole('button', { name: 'Deny' }).waitFor();
  for (;;) {
    await tabTo(abe, /^Deny$/);
    if (await abe.page.evaluate(() => document.activeElement.closest('article').textContent.includes('INC-4713'))) break;
  }
  await abe.page.keyboard.press('Enter');
  // It asks before, and for a word to them.
  const question = abe.page.getByRole('alertdialog');
  for (const told of [/is told at once/, /It cannot be undone/]) await question.getByText(told).waitFor();
  await tabTo(abe, /^Reason/);
  await abe.page.keyboard.type('Not today.');
  await tabTo(abe, /^Deny$/);
  await abe.page.keyboard.press('Enter');
  await toast(abe, 'was denied');
  await noor.sees('Denied');

  // A list: into it, along its rows, into one of them, and a dialog and out of it.
  const mira = await as(arrive, 'mira');
  await place(mira, '/manage/groups');
  await tabTo(mira, /^engineers/);
  await mira.page.keyboard.press('ArrowDown');
  await mira.page.keyboard.press('ArrowUp');
  await mira.page.keyboard.press('Enter');
  await mira.heading('engineers').waitFor();
  await drawn(mira);
  await tabTo(mira, /^Delete$/);
  await mira.page.keyboard.press('Enter');
  await mira.page.getByRole('alertdialog').waitFor();
  await mira.page.keyboard.press('Escape');
  await until('the dialog is gone', async () => (await mira.page.getByRole('alertdialog').count()) === 0);
  await until('the focus is back', async () => /^Delete$/.test((await here(mira)).what));
}));

/** How many rows stand in the page. */
const rows = (visitor) => visitor.page.locator('[role=grid] [role=row]').count();

test('a hundred thousand people are listed, a few of them at a time', visits(async (arrive) => {
  const mira = await as(arrive, 'mira');
  await place(mira, '/manage/people');
  const grid = mira.page.getByRole('grid', { name: 'People' });
  await grid.getByRole('row').nth(5).waitFor();
  await grid.hover();
  let last = 0;
  for (let n = 0; n < 25; n += 1) {
    await mira.page.mouse.wheel(0, 2_000);
    await until('rows further down', async () => {
      const indices = await grid.locator('[aria-rowindex]').evaluateAll((all) => all.map((e) => Number(e.getAttribute('aria-rowindex'))));
      return Math.max(...indices) > last && (last = Math.max(...indices));
    });
    assert.ok((await rows(mira)) <= 80, 'only what is in sight, and a little more, is in the page');
  }
  assert.ok(last > 700, `${last}`);
  await lookAround(mira, 'console-people-many');
  await mira.page.getByRole('searchbox', { name: /Search/ }).first().fill('person-099999');
  await grid.getByText('person-099999', { exact: true }).first().waitFor();
  await until('nobody else', async () => (await rows(mira)) === 2);
  assert.equal(new URL(mira.page.url()).searchParams.get('q'), 'person-099999', 'a link to what is found');
  await mira.page.reload();
  await grid.getByText('person-099999', { exact: true }).first().waitFor();
  // Who finds nothing goes on typing where they were.
  const search = mira.page.getByRole('searchbox', { name: /Search/ }).first();
  await search.fill('nobody-of-this-name');
  await mira.sees('Nothing was found');
  await search.fill('');
  await grid.getByRole('row').nth(5).waitFor();
  assert.ok(await search.evaluate((e) => e === document.activeElement));
}));

test('what stands among a hundred thousand people is looked for part by part', visits(async (arrive) => {
  const mira = await as(arrive, 'mira');
  // It is not drawn before it has looked through its part.
  await mira.go('/console/manage/map?f.standing=true&f.what_kind=Account');
  const rests = mira.page.getByRole('status').filter({ hasText: /There is more to look through; [1-9]\d* found so far/ });
  await rests.waitFor({ timeout: 90_000 });
  await mira.page.getByRole('row').filter({ hasText: 'eve' }).first().waitFor();
  let asked = 0;
  mira.page.on('request', (request) => (asked += request.url().includes('/api/v1/access?') ? 1 : 0));
  await lookAround(mira, 'console-map-part');
  assert.equal(asked, 0, 'nothing is asked meanwhile');
  await mira.button('Look on').click();
  await mira.page.getByRole('status').filter({ hasText: 'Looking on' }).waitFor();
  await rests.waitFor({ timeout: 90_000 });
  assert.ok(asked >= 1 && asked <= 6, `${asked}`);
}));

test('each number of a past day leads to what it was made of', visits(async (arrive) => {
  const mira = await as(arrive, 'mira');
  await place(mira, '/manage');
  const days = mira.page.getByRole('region', { name: 'Standing privilege as a table' }).locator('tbody tr');
  await days.first().waitFor();
  for (const day of await days.all()) {
    const many = (await day.innerText()).includes('not measured') ? 0 : 6;
    assert.equal(await day.getByRole('link').count(), many, await day.innerText());
  }
  const search = () => Object.fromEntries(new URL(mira.page.url()).searchParams);
  await days.nth(2).getByRole('link').nth(3).click();
  await mira.arrives('/console/manage/audit');
  const { 'f.changes': changes, 'f.since': since, 'f.until': till } = search();
  assert.equal(changes, 'access');
  assert.ok(new Date(since) < new Date(till) && new Date(till) < new Date(), `${since} ${till}`);
  assert.equal(await mira.field('Can change').inputValue(), 'access');
  await mira.sees('Nothing was found');
  await mira.page.goBack();
  await days.nth(2).getByRole('link').nth(4).click();
  await mira.arrives('/console/manage/requests');
  assert.equal(search().tab, 'grants');
  assert.notEqual(await mira.field('In force at').inputValue(), '');
  await mira.sees('Nothing was found');
}));

test('a connection that breaks is shown, heals, and has missed nothing', visits(async (arrive) => {
  const wire = await Wire.laid();
  const ada = await as(arrive, 'ada');
  await place(ada, '/manage/groups');
  const mira = await as(arrive, 'mira', { proxy: { server: wire.address } });
  await place(mira, '/manage/groups');
  const state = mira.page.getByRole('status').filter({ hasText: /^(Live|Reconnecting…|Connecting…)$/ });
  await state.filter({ hasText: 'Live' }).waitFor();
  // What cannot be fetched meanwhile is what this is about.
  mira.loses();
  wire.cut();
  await state.filter({ hasText: 'Reconnecting…' }).waitFor();
  await lookAround(mira, 'console-disconnected');
  await ada.api('POST', '/groups', { name: 'made-meanwhile', description: '' });
  await ada.sees('made-meanwhile');
  assert.equal(await mira.page.getByText('made-meanwhile').count(), 0);
  wire.mend();
  await state.filter({ hasText: 'Live' }).waitFor({ timeout: 30_000 });
  await mira.sees('made-meanwhile');
  wire.cut();
}));

test('what the page hides, the API refuses', visits(async (arrive) => {
  const eve = await as(arrive, 'eve');
  await place(eve, '/');
  assert.equal(await eve.page.getByRole('navigation', { name: 'Portal or console' }).count(), 0);
  eve.expects(403, 404);
  await place(eve, '/manage/people');
  await eve.sees('not_permitted');
  const hidden = [
    ['GET', '/identities'], ['POST', '/identities', { name: 'mallory', kind: 'person', display_name: 'Mallory' }],
    ['POST', '/identities/ada/disable', { reason: 'x' }], ['DELETE', '/identities/ada/sessions'],
    ['POST', '/groups', { name: 'x', description: '' }], ['PUT', '/roles/administrator/identities/eve', {}],
    ['POST', '/targets', { name: 'x', kind: 'ssh', description: '', settings: {} }], ['GET', '/secrets'],
    ['PUT', '/policies/x', { text: 'permit (principal, action, resource);', description: '' }],
    ['POST', '/policies/hosts/disable'], ['GET', '/audit/events'], ['GET', `/privileged-sessions/${session}/watch`],
    ['POST', `/privileged-sessions/${session}/end`, { reason: 'x' }], ['POST', '/seal'], ['GET', '/status'], ['GET', '/webhooks'],
  ];
  for (const [method, path, body] of hidden) {
    const refused = await eve.api(method, path, body).then(() => 'it was done', (error) => error.message);
    assert.match(refused, /40[34] .*"(not_permitted|not_found)"/s, `${method} ${path}`);
  }
}));
