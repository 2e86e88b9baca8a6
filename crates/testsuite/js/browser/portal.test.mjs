// The portal: applications, requests and their decisions, grants, broken glass,
// and what is one's own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { PHONE, close, open, until, visits } from './browser.mjs';
import { look } from './eyes.mjs';
import { house } from './house.mjs';
import { enrolWithApp, enrolWithPasskey, lands, signIn, signInAs, signOut } from './people.mjs';

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
let eve, noor, abe;

test('an application opens without signing in again, another after a step-up', visits(async (arrive) => {
  const visitor = await arrive();
  const key = await visitor.authenticator();
  const app = await enrolWithApp(visitor, 'eve');
  await visitor.go('/you');
  await visitor.button('Add a passkey').click();
  await visitor.heading('Create a passkey').waitFor();
  await visitor.field('What to call it').fill('Laptop');
  await visitor.button('Create a passkey').click();
  await visitor.arrives('/you');
  await visitor.sees('Laptop');
  await key.willing(false);
  await signOut(visitor);
  await signIn(visitor, app);
  await lands(visitor);
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
  eve = await key.taken();
}));

test('an application asks for permission, and gets it or not', visits(async (arrive) => {
  const visitor = await arrive();
  const key = await visitor.authenticator();
  await enrolWithPasskey(visitor, 'noor');
  noor = await key.taken();
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
  await signInAs(visitor, eve);
  const back = `${rota.origin}/`;
  const asked = `/oauth2/logout?${new URLSearchParams({ client_id: rota.id, post_logout_redirect_uri: back, state: 'kept' })}`;
  await visitor.go(asked);
  await visitor.heading('Sign out?').waitFor();
  await look(visitor, 'sign-out');
  await visitor.button('Stay signed in').click();
  await visitor.arrives('/');
  await visitor.go(asked);
  // Rota itself would ask at once who they are, and their passkey would answer.
  await visitor.page.route(`${back}?state=kept`, (route) => route.fulfill({ body: 'back' }));
  await visitor.button('Sign out').first().click();
  await visitor.page.waitForURL(`${back}?state=kept`);
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
  const key = await approver.authenticator();
  await enrolWithPasskey(approver, 'abe');
  abe = await key.taken();
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


test('a request is denied, another withdrawn, an application is given on request', visits(async (arrive) => {
  const visitor = await arrive();
  await signInAs(visitor, eve, '/requests/new?about=postgres%40db-1');
  await visitor.field('Why do you need it?').fill('I am curious.');
  await visitor.button('Send the request').click();
  await visitor.heading('Your request for postgres@db-1').waitFor();
  const approver = await arrive({ size: PHONE });
  await signInAs(approver, abe);
  await approver.go('/requests');
  await approver.heading('eve → postgres@db-1').waitFor();
  await approver.field(/^Comment/).fill('Curiosity is not enough.');
  await approver.button('Deny').click();
  await approver.sees('denied');
  await visitor.sees('Curiosity is not enough.');
  await look(visitor, 'request-denied');
  await visitor.link('Ask again').click();
  await visitor.field('Why do you need it?').fill('OPS-1490');
  await visitor.button('Send the request').click();
  await visitor.button('Withdraw the request').click();
  await visitor.sees('withdrawn');
  // The application itself leads to the form that asks for it.
  await visitor.go(ledger.origin);
  await visitor.heading('Ask for ledger').waitFor();
  await visitor.field('Why do you need it?').fill('Month end.');
  await visitor.button('Send the request').click();
  await visitor.heading('Your request for ledger').waitFor();
  await approver.go('/requests');
  await approver.heading('eve → ledger').waitFor();
  await approver.button('Approve').click();
  await approver.sees('approved');
  await visitor.link('The grant that came of it').waitFor();
  await visitor.go('/requests');
  await look(visitor, 'requests');
  await visitor.go(ledger.origin);
  await visitor.sees('on call now');
}));

test('glass is broken at once, loudly, and reviewed by somebody else', visits(async (arrive) => {
  const visitor = await arrive();
  await signInAs(visitor, noor);
  await visitor.link('In an emergency: break the glass').click();
  await visitor.heading('Break the glass').waitFor();
  await look(visitor, 'break-glass-choose');
  await visitor.field('Which account?').selectOption('deploy@web-1');
  await visitor.button('Continue').click();
  await visitor.heading('Break the glass for deploy@web-1').waitFor();
  await look(visitor, 'break-glass');
  await visitor.field('What is the emergency?').fill('The shop is down and nobody answers.');
  await visitor.field(/announced, recorded and reviewed/).check();
  await visitor.button('Break the glass now').click();
  await visitor.sees('waits for its review');
  await visitor.sees(/in (59 minutes|60 minutes|1 hour)/);
  await look(visitor, 'break-glass-open');
  const reviewer = await arrive();
  await reviewer.authenticator();
  await enrolWithPasskey(reviewer, 'ada');
  await reviewer.link(/^Requests/).click();
  await reviewer.heading('noor → deploy@web-1').waitFor();
  await look(reviewer, 'requests-review');
  await reviewer.link(/^Review it/).click();
  await reviewer.page.getByText('End this access').click();
  await look(reviewer, 'break-glass-review');
  await reviewer.field('Reason; the person sees it').fill('The shop is up again.');
  await reviewer.button('End it now').click();
  await visitor.sees('an administrator revoked it: The shop is up again.');
  await reviewer.field('What did you find?').fill('An outage, and nothing but what it needed.');
  await reviewer.button('Finish the review').click();
  await reviewer.sees('reviewed it');
  await visitor.sees('An outage, and nothing but what it needed.');
}));

test('what is one\'s own: authenticators, sessions, activity', visits(async (arrive) => {
  const visitor = await arrive();
  await signInAs(visitor, eve, '/you');
  await visitor.page.getByText('Add an SSH key').click();
  await visitor.field('What to call it').fill('Laptop');
  await visitor.field('The line of your .pub file').fill('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFe1fBJhQ3cT1n5fYgVxP0l8u3rS3s1mJ1yqk3uCw0aS eve@laptop');
  await visitor.button('Add the key').click();
  await visitor.sees('SHA256:');
  await look(visitor, 'you');
  await visitor.link('Your activity').click();
  await visitor.sees('Signed in');
  await look(visitor, 'activity');
  // Another browser of theirs is signed out from here.
  const other = await arrive();
  await signInAs(other, noor);
  const third = await arrive();
  await signInAs(third, noor);
  await third.go('/you');
  await third.page.getByRole('button', { name: /^Sign out Chrome/ }).first().click();
  await other.arrives('/sign-in');
}));

test('what is not there, or not for them, says so and what to do', visits(async (arrive) => {
  const visitor = await arrive();
  visitor.expects(403, 404, 422);
  await signInAs(visitor, abe);
  for (const path of ['/nowhere', '/requests/nowhere', '/grants/nowhere', '/sessions/nowhere', '/requests/new?about=root%40nowhere']) {
    await visitor.go(path);
    await visitor.heading('There is nothing here').waitFor();
    await visitor.sees('not_found');
  }
  await look(visitor, 'not-found');
  visitor.expects(400);
  await visitor.go('/oauth2/authorize?client_id=nobody');
  await visitor.heading('Something in the request is not right').waitFor();
  await look(visitor, 'bad-authorization');
  await visitor.go('/break-glass');
  await visitor.heading('Not permitted').waitFor();
  await look(visitor, 'not-permitted');
  await visitor.go('/');
  await look(visitor, 'home-empty');
  await visitor.go('/requests');
  await look(visitor, 'requests-empty');
  await visitor.go('/grants');
  await look(visitor, 'grants-empty');
}));
