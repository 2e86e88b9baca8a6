// A privileged session, from the code in the terminal to its recording, beside a
// real OpenSSH client and server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, open, until, visits } from './browser.mjs';
import { look } from './eyes.mjs';
import { house } from './house.mjs';
import { enrolWithPasskey, signInAs } from './people.mjs';
import { Terminal, leave } from './terminal.mjs';

before(open);
after(async () => {
  leave();
  await close();
});

let jonas, mira, terminal;

test('ssh shows a code, the browser confirms it, and the shell opens', visits(async (arrive) => {
  const visitor = await arrive();
  const key = await visitor.authenticator();
  await enrolWithPasskey(visitor, 'jonas');
  jonas = await key.taken();
  await visitor.go('/device');
  await look(visitor, 'device-code');
  const refused = new Terminal(house.account);
  const [, first] = await refused.says(/Code:\s+([A-Z-]+)/);
  await visitor.field('Code').fill(first.toLowerCase());
  await visitor.button('Continue').click();
  await visitor.heading('Let this SSH connection in?').waitFor();
  await visitor.sees(first);
  await look(visitor, 'device-ssh');
  await visitor.button('No, this is not me').click();
  await visitor.heading('Refused').waitFor();
  await look(visitor, 'device-refused');
  await refused.says(/refused in the browser/);
  terminal = new Terminal(house.account);
  const [, link] = await terminal.says(/Open:\s+(\S+)/);
  await visitor.go(link);
  await visitor.button('Yes, this is me').click();
  await visitor.heading('Confirmed').waitFor();
  await look(visitor, 'device-confirmed');
  await terminal.says(/[$#] $/);
}));

test('a command line is signed in by a yes', visits(async (arrive) => {
  const visitor = await arrive();
  await signInAs(visitor, jonas);
  const started = await visitor.api('POST', '/device/start', { client: 'doorward on laptop-7' });
  await visitor.go(`/device?code=${started.user_code}`);
  await visitor.heading('Sign a command line in?').waitFor();
  await visitor.sees('doorward on laptop-7');
  await look(visitor, 'device-command-line');
  await visitor.button('Yes, sign it in').click();
  await visitor.heading('Confirmed').waitFor();
}));

/// abuse case A11: what a target sends is text on a page, never markup.
test('a session is watched as it goes, and what it shows is text', visits(async (arrive) => {
  const visitor = await arrive();
  const key = await visitor.authenticator();
  await enrolWithPasskey(visitor, 'mira');
  mira = await key.taken();
  await visitor.page.getByRole('link', { name: 'Sessions', exact: true }).click();
  await visitor.page.getByRole('link', { name: /^jonas →/ }).waitFor();
  await look(visitor, 'sessions-live');
  await visitor.page.getByRole('link', { name: /^Watch/ }).click();
  const screen = visitor.page.getByRole('region', { name: 'Terminal' });
  terminal.type("printf '\\033]0;title\\007<img src=x onerror=alert(1)><b>%s</b>\\n' $((40+2))");
  await screen.getByText('<img src=x onerror=alert(1)><b>42</b>').waitFor();
  terminal.type('df -h / | tail -1; uname -sr');
  await screen.getByText('Linux').waitFor();
  // The commands beside it, as they are typed.
  await visitor.page.getByRole('cell', { name: /uname -sr/ }).waitFor();
  await look(visitor, 'session-live');
  assert.equal(await visitor.page.locator('pre *').count(), 0, 'nothing but text');
  await visitor.page.getByText('End this session').click();
  await look(visitor, 'session-end');
  await visitor.field('Reason; the person sees it').fill('The window is over.');
  await visitor.button('Cut it now').click();
  await terminal.says(/The window is over\./);
  await until('the client ends', () => terminal.over);
  await visitor.arrives('/sessions');
}));

test('its recording is replayed', visits(async (arrive) => {
  const visitor = await arrive();
  await visitor.authenticator();
  await enrolWithPasskey(visitor, 'aldo');
  await visitor.go('/sessions');
  const replay = visitor.page.getByRole('link', { name: /^Replay jonas/ }).first();
  await replay.waitFor();
  await visitor.sees('The window is over.');
  await look(visitor, 'sessions-ended');
  await replay.click();
  await visitor.sees('The window is over.');
  await visitor.button('Load the recording').click();
  const position = visitor.page.getByRole('slider', { name: 'Position' });
  await position.waitFor();
  await position.press('End');
  const screen = visitor.page.getByRole('region', { name: 'Terminal' });
  await screen.getByText('<img src=x onerror=alert(1)><b>42</b>').waitFor();
  assert.equal(await visitor.page.locator('pre *').count(), 0, 'nothing but text');
  await look(visitor, 'session-replay');
}));
