// The portal: applications, requests and their decisions, grants, broken glass,
// and what is one's own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { PHONE, close, open, until, visits } from './browser.mjs';
import { look } from './eyes.mjs';
import { house } from './house.mjs';
import { enrolWithApp, enrolWithPasskey, signIn, signOut } from './people.mjs';

const APP = fileURLToPath(new URL('../../../../demo/app/', import.meta.url));
const running = [];

/** The demo's application, as the client that the house registered. */
async function run({ port, origin, id, secret }) {
  const child = spawn(process.execPath, ['server.mjs'], {
    cwd: APP,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PORT: String(port), ISSUER: house.origin, CLIENT_ID: id, CLIENT_SECRET: secret },
  });
  running.push(child);
  await until(`the application at ${origin}`, () => fetch(origin, { redirect: 'manual' }).then(() => true, () => false));
}

before(async () => {
  await Promise.all([open(), ...Object.values(house.applications).map(run)]);
});
after(async () => {
  running.forEach((child) => child.kill());
  await close();
});

const { rota, payroll, ledger, wiki } = house.applications;
let eve;

test('an application opens without signing in again, another after a step-up', visits(async (arrive) => {
  const visitor = await arrive();
  const key = await visitor.authenticator();
  eve = await enrolWithApp(visitor, 'eve');
  await visitor.go('/you');
  await visitor.button('Add a passkey').click();
  await visitor.heading('Create a passkey').waitFor();
  await visitor.field('What to call it').fill('Laptop');
  await visitor.button('Create a passkey').click();
  await visitor.arrives('/you');
  await visitor.sees('Laptop');
  await key.willing(false);
  await signOut(visitor);
  await signIn(visitor, eve);
  await visitor.arrives('/');
  await look(visitor, 'home');
  await visitor.page.getByRole('link', { name: /^Rota/ }).click();
  await visitor.sees('on call now');
  await visitor.sees('You did not have to sign in again');
  await look(visitor, 'rota');
  await visitor.go(payroll.origin);
  await visitor.heading('Use your passkey').waitFor();
  assert.equal(visitor.path(), '/step-up');
  await look(visitor, 'step-up');
  await key.willing(true);
  await visitor.button('Use a passkey').click();
  await visitor.sees('on call now');
  assert.ok(visitor.page.url().startsWith(payroll.origin));
}));

test('an application asks for permission, and gets it or not', visits(async (arrive) => {
  const visitor = await arrive();
  await visitor.authenticator();
  await enrolWithPasskey(visitor, 'noor');
  await visitor.go(wiki.origin);
  await visitor.heading('Wiki wants to sign you in').waitFor();
  await look(visitor, 'consent');
  visitor.expects(502);
  await visitor.button('Do not allow').click();
  await visitor.sees('Signing in did not work');
  await look(visitor, 'rota-refused');
  await visitor.go(`${wiki.origin}/sign-in`);
  await visitor.button('Allow').click();
  await visitor.sees('on call now');
}));

test('an application that asks to sign out gets its answer back after a yes', visits(async (arrive) => {
  const visitor = await arrive();
  await visitor.authenticator();
  await signIn(visitor, eve);
  await visitor.arrives('/');
  const back = `${rota.origin}/`;
  const asked = `/oauth2/logout?${new URLSearchParams({ client_id: rota.id, post_logout_redirect_uri: back, state: 'kept' })}`;
  await visitor.go(asked);
  await visitor.heading('Sign out?').waitFor();
  await look(visitor, 'sign-out');
  await visitor.button('Stay signed in').click();
  await visitor.arrives('/');
  await visitor.go(asked);
  const returned = visitor.page.waitForRequest(`${back}?state=kept`);
  await visitor.button('Sign out').first().click();
  await returned;
  await visitor.go('/you');
  assert.equal(visitor.path(), '/sign-in');
}));

test('a request, its approval in another browser, the grant and its early end', visits(async (arrive) => {
  const visitor = await arrive();
  await visitor.authenticator();
  await enrolWithPasskey(visitor, 'lena');
  await visitor.link('Request access deploy@web-1').click();
  await visitor.heading('Ask for deploy@web-1').waitFor();
  await look(visitor, 'ask');
  await visitor.field('Why do you need it?').fill('The disk of web-1 is full: rotate the logs.\nTicket OPS-1482.');
  await visitor.field('For how long?').selectOption('30 min');
  await visitor.button('Send the request').click();
  await visitor.heading('Your request for deploy@web-1').waitFor();
  await visitor.sees('Abe Okafor');
  await look(visitor, 'request-mine');
  const approver = await arrive({ size: PHONE });
  await approver.authenticator();
  await enrolWithPasskey(approver, 'abe');
  await approver.link(/^Requests/).click();
  await approver.heading('lena → deploy@web-1').waitFor();
  await approver.sees('Asks for this for the first time');
  await look(approver, 'requests-inbox');
  await approver.field(/^Comment/).fill('Fine. Leave /var/log/audit alone.');
  await approver.button('Approve').click();
  await approver.sees('approved');
  await look(approver, 'request-decided');
  // The page shows the answer by itself.
  await visitor.link('The grant that came of it').waitFor();
  await visitor.sees('Leave /var/log/audit alone.');
  await look(visitor, 'request-approved');
  await visitor.link('The grant that came of it').click();
  await visitor.heading('deploy@web-1').waitFor();
  await visitor.sees(/in (29|30) minutes/);
  await look(visitor, 'grant');
  await visitor.go('/');
  await visitor.heading('Open for you now').waitFor();
  await look(visitor, 'home-granted');
  await visitor.page.getByRole('button', { name: /^Return early/ }).click();
  await visitor.sees('Nothing is open by a grant.');
  await visitor.sees('it was returned');
  await look(visitor, 'grants');
}));

