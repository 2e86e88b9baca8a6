// The device flow of RFC 8628, driven by a certified client library on the device
// and by a browser that is signed in elsewhere.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { client, house } from './house.mjs';

const tv = await client('tv');
const cookie = house.device_cookie;
const scope = 'openid profile offline_access';

/** What the person in the signed-in browser sees under the address. */
async function page(address) {
  const response = await fetch(address, { redirect: 'manual', headers: { cookie } });
  return { status: response.status, text: await response.text() };
}

/** The person's answer on that page. */
async function answer(address, word, headers = { origin: house.issuer }) {
  const { text } = await page(address);
  const form = new URLSearchParams({ answer: word });
  for (const [, name, value] of text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)) {
    form.set(name, value);
  }
  return fetch(new URL('/device', house.issuer), {
    method: 'POST', body: form, redirect: 'manual', headers: { cookie, ...headers },
  });
}

async function poll(begun, id = house.clients.tv.id) {
  const response = await fetch(tv.serverMetadata().token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: begun.device_code,
      client_id: id,
    }),
  });
  assert.equal(response.headers.get('cache-control'), 'no-store');
  return { status: response.status, ...(await response.json()) };
}

test('discovery names the device authorization endpoint', () => {
  const metadata = tv.serverMetadata();
  assert.equal(metadata.device_authorization_endpoint, `${house.issuer}/oauth2/device_authorization`);
  assert.ok(metadata.grant_types_supported.includes('urn:ietf:params:oauth:grant-type:device_code'));
});

/// abuse case A32: the link alone confirms nothing.
test('a device gets tokens after its person has seen what asks and said yes', async () => {
  const begun = await oidc.initiateDeviceAuthorization(tv, { scope });
  assert.equal(begun.verification_uri, `${house.issuer}/device`);
  const polled = oidc.pollDeviceAuthorizationGrant(tv, begun);
  const { status, text } = await page(begun.verification_uri_complete);
  assert.equal(status, 200);
  // RFC 8628 section 5.4: which application, from where, under which code.
  assert.ok(text.includes('Living room') && text.includes('127.0.0.1') && text.includes(begun.user_code));
  assert.equal((await answer(begun.verification_uri_complete, 'yes')).status, 303);
  const tokens = await polled;
  assert.equal(tokens.claims().sub, house.subject);
  assert.equal(tokens.claims().aud, house.clients.tv.id);
  const info = await oidc.fetchUserInfo(tv, tokens.access_token, house.subject);
  assert.equal(info.preferred_username, 'eve');
  const next = await oidc.refreshTokenGrant(tv, tokens.refresh_token);
  assert.notEqual(next.refresh_token, tokens.refresh_token);
  // Shown again, the device code ends all that came of it.
  assert.equal((await poll(begun)).error, 'invalid_grant');
  await assert.rejects(oidc.refreshTokenGrant(tv, next.refresh_token), { error: 'invalid_grant' });
});

test('a no ends the waiting', async () => {
  const begun = await oidc.initiateDeviceAuthorization(tv, { scope });
  const polled = oidc.pollDeviceAuthorizationGrant(tv, begun);
  assert.equal((await answer(begun.verification_uri_complete, 'no')).status, 303);
  await assert.rejects(polled, { error: 'access_denied' });
});

test('a hasty device is told to slow down', async () => {
  const begun = await oidc.initiateDeviceAuthorization(tv, { scope });
  assert.equal((await poll(begun)).error, 'authorization_pending');
  const second = await poll(begun);
  assert.deepEqual([second.status, second.error], [400, 'slow_down']);
});

test('a page of another site cannot say yes', async () => {
  const begun = await oidc.initiateDeviceAuthorization(tv, { scope });
  for (const headers of [{ origin: 'https://evil.tld' }, {}]) {
    assert.equal((await answer(begun.verification_uri_complete, 'yes', headers)).status, 403);
  }
  assert.equal((await poll(begun)).error, 'authorization_pending');
});

/// abuse case 6: a device code belongs to its client.
test('another client gets nothing for it, and then nobody does', async () => {
  const begun = await oidc.initiateDeviceAuthorization(tv, { scope });
  await answer(begun.verification_uri_complete, 'yes');
  assert.equal((await poll(begun, house.clients.native.id)).error, 'unauthorized_client');
  assert.equal((await poll(begun, house.clients.other_tv.id)).error, 'invalid_grant');
  assert.equal((await poll(begun)).error, 'access_denied');
});

test('a client that did not register for it is refused', async () => {
  for (const which of ['native', 'web']) {
    const config = await client(which);
    await assert.rejects(oidc.initiateDeviceAuthorization(config, { scope }), { error: 'unauthorized_client' });
  }
});
