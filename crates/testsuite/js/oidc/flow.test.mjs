// The code flow, driven by a certified OpenID Connect client library: what must
// work, and everything that must not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { active, attempt, back, checks, client, house, signIn, visit } from './house.mjs';

const web = await client('web');
const other = await client('other');

/** The OAuth error code that it ends with. */
async function refused(promise, code) {
  await assert.rejects(promise, (error) => {
    // With a 401 the code is in the challenge (RFC 6750, RFC 6749 section 5.2).
    const said = error.error ?? error.cause?.[0]?.parameters?.error ?? error.code;
    assert.equal(said, code, error.stack);
    return true;
  });
}

test('discovery says what this provider can do, and nothing that RFC 9700 forbids', () => {
  const metadata = web.serverMetadata();
  assert.equal(metadata.issuer, house.issuer);
  assert.deepEqual(metadata.response_types_supported, ['code']);
  assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
  assert.ok(!metadata.grant_types_supported.includes('password'));
  assert.ok(!metadata.grant_types_supported.includes('implicit'));
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
});

test('a person who is signed in opens an application without signing in again', async () => {
  const tokens = await signIn(web);
  const claims = tokens.claims();
  assert.equal(claims.sub, house.subject);
  assert.equal(claims.aud, house.clients.web.id);
  assert.equal(claims.acr, 'phr');
  assert.ok(claims.amr.includes('mfa'));
  assert.ok(claims.auth_time <= claims.iat);
  assert.ok(claims.sid);
  assert.equal(tokens.token_type, 'bearer');
  assert.ok(tokens.expires_in <= 300);
  const info = await oidc.fetchUserInfo(web, tokens.access_token, claims.sub);
  assert.equal(info.preferred_username, 'eve');
  assert.deepEqual(info.groups, ['staff']);
  assert.equal(await active(web, tokens.access_token), true);
});

test('the secret is good in the form too, and only one way at a time', async () => {
  const tokens = await signIn(await client('web', { post: true }));
  assert.ok(tokens.access_token);
  const { id, secret } = house.clients.web;
  const response = await fetch(web.serverMetadata().token_endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code: 'x', client_id: id, client_secret: secret }),
  });
  assert.equal((await response.json()).error, 'invalid_request');
});

test('a refreshed token lives and its refresh token is a new one', async () => {
  const first = await signIn(web);
  const second = await oidc.refreshTokenGrant(web, first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal(second.claims().sub, house.subject);
  assert.equal(await active(web, second.access_token), true);
});

test('a refreshed token may have fewer scopes, never more, and then knows less', async () => {
  const first = await signIn(web);
  const less = await oidc.refreshTokenGrant(web, first.refresh_token, { scope: 'openid' });
  assert.equal(less.scope, 'openid');
  const info = await oidc.fetchUserInfo(web, less.access_token, house.subject);
  assert.deepEqual(Object.keys(info), ['sub']);
  await refused(oidc.refreshTokenGrant(web, less.refresh_token, { scope: 'openid admin' }), 'invalid_scope');
});

/// abuse case F2: each refresh token has one live successor.
test('a refresh token that is used again takes its whole family with it', async () => {
  const first = await signIn(web);
  const second = await oidc.refreshTokenGrant(web, first.refresh_token);
  await refused(oidc.refreshTokenGrant(web, first.refresh_token), 'invalid_grant');
  await refused(oidc.refreshTokenGrant(web, second.refresh_token), 'invalid_grant');
  assert.equal(await active(web, second.access_token), false);
});

/// abuse case F2: one successful redeem per code.
test('a code that is redeemed again takes what came of it along', async () => {
  const kept = await attempt(web);
  const url = await back(kept.to);
  const tokens = await oidc.authorizationCodeGrant(web, url, checks(kept));
  await refused(oidc.authorizationCodeGrant(web, url, checks(kept)), 'invalid_grant');
  assert.equal(await active(web, tokens.access_token), false);
});

/// abuse case 6: codes and refresh tokens belong to their client.
test('another client can use neither code nor refresh token', async () => {
  const kept = await attempt(web);
  const url = await back(kept.to);
  await refused(oidc.authorizationCodeGrant(other, url, checks(kept)), 'invalid_grant');
  await refused(oidc.authorizationCodeGrant(web, url, checks(kept)), 'invalid_grant');
  const tokens = await signIn(web);
  await refused(oidc.refreshTokenGrant(other, tokens.refresh_token), 'invalid_grant');
  assert.equal(await active(web, tokens.access_token), false);
});

test('a client can neither ask about nor revoke the token of another', async () => {
  const tokens = await signIn(web);
  assert.equal(await active(other, tokens.access_token), false);
  await oidc.tokenRevocation(other, tokens.refresh_token);
  assert.equal(await active(web, tokens.access_token), true);
  await oidc.tokenRevocation(web, tokens.refresh_token);
  assert.equal(await active(web, tokens.access_token), false);
  await oidc.tokenRevocation(web, 'unknown');
});

/// abuse case 7: PKCE can be left out on neither side.
test('wrong, missing and plain verifiers fail', async () => {
  for (const verifier of [oidc.randomPKCECodeVerifier(), 'short']) {
    const kept = await attempt(web);
    const url = await back(kept.to);
    await refused(oidc.authorizationCodeGrant(web, url, { ...checks(kept), pkceCodeVerifier: verifier }), 'invalid_grant');
  }
  const kept = await attempt(web);
  const url = await back(kept.to);
  await assert.rejects(oidc.authorizationCodeGrant(web, url, { ...checks(kept), pkceCodeVerifier: undefined }));
  for (const changes of [{ code_challenge: null }, { code_challenge_method: 'plain' }, { code_challenge_method: null }]) {
    const url = await back((await attempt(web, changes)).to);
    assert.equal(url.searchParams.get('error'), 'invalid_request');
    assert.equal(url.searchParams.get('iss'), house.issuer);
    assert.equal(url.searchParams.get('code'), null);
  }
});

test('the redirect_uri of the token request must be that of the authorization', async () => {
  const kept = await attempt(web);
  const url = await back(kept.to);
  const { id, secret } = house.clients.web;
  const response = await fetch(web.serverMetadata().token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code', code: url.searchParams.get('code'), code_verifier: kept.verifier,
      redirect_uri: `${house.redirect_uri}/x`, client_id: id, client_secret: secret,
    }),
  });
  assert.equal(response.status, 400);
  assert.equal((await response.json()).error, 'invalid_grant');
});

/// abuse case 1: nothing is redirected to an address that was not registered.
test('an address that is not registered gets a page, not the browser', async () => {
  const { protocol, host } = new URL(house.redirect_uri);
  const path = house.redirect_uri.slice(`${protocol}//${host}`.length);
  for (const address of [
    `${house.redirect_uri}/`, `${house.redirect_uri}?x`, `${house.redirect_uri}#`, `${house.redirect_uri}/../evil`,
    `${protocol}//${host}.evil.tld${path}`, `${protocol}//${host}@evil.tld${path}`, `${protocol}//user@${host}${path}`,
    `//${host}${path}`, ` ${house.redirect_uri}`, `${house.redirect_uri}\t`, 'javascript:alert(1)', 'https://evil.tld/',
  ]) {
    const { to } = await attempt(web, { redirect_uri: address });
    for (const cookie of [house.cookie, null]) {
      const response = await visit(to, { cookie });
      assert.equal(response.status, 400, address);
      assert.equal(response.headers.get('location'), null, address);
    }
  }
});

/// abuse case 4: a repeated parameter is refused.
test('parameters that are there twice are refused', async () => {
  for (const name of ['redirect_uri', 'client_id', 'state', 'scope', 'response_type']) {
    const { to } = await attempt(web);
    to.searchParams.append(name, to.searchParams.get(name));
    const response = await visit(to);
    assert.equal(response.status, 400, name);
    assert.equal(response.headers.get('location'), null, name);
  }
});

/// abuse case 5: there is only the code flow.
test('no token ever comes through the browser', async () => {
  for (const kind of ['token', 'id_token', 'code id_token', 'code token']) {
    const url = await back((await attempt(web, { response_type: kind })).to);
    assert.equal(url.searchParams.get('error'), 'unsupported_response_type');
    assert.equal(url.hash, '');
  }
});

/// abuse case 10: no parameter of a request lies in a cookie.
test('whoever is not signed in is asked to, and no parameter is kept in a cookie', async () => {
  const { to, state, nonce } = await attempt(web);
  const response = await visit(to, { cookie: null });
  assert.equal(response.status, 303);
  assert.ok(new URL(response.headers.get('location'), house.issuer).href.startsWith(house.issuer));
  for (const cookie of response.headers.getSetCookie()) {
    for (const value of [state, nonce, house.clients.web.id]) assert.ok(!cookie.includes(value));
  }
  const silent = await visit((await attempt(web, { prompt: 'none' })).to, { cookie: null });
  const url = new URL(silent.headers.get('location'));
  assert.equal(url.searchParams.get('error'), 'login_required');
});

/// abuse case 11: an answer to one browser is no answer to another.
test('a wrong state, nonce or issuer is noticed by the client', async () => {
  const kept = await attempt(web);
  const url = await back(kept.to);
  await assert.rejects(oidc.authorizationCodeGrant(web, url, { ...checks(kept), expectedState: oidc.randomState() }));
  const mixed = new URL(url);
  mixed.searchParams.set('iss', 'https://evil.tld');
  await assert.rejects(oidc.authorizationCodeGrant(web, mixed, checks(kept)));
  // Neither of these has used the code up: the provider has not seen it.
  await assert.rejects(oidc.authorizationCodeGrant(web, url, { ...checks(kept), expectedNonce: oidc.randomNonce() }));
});

test('a client whose clock is past the end of the ID token refuses it', async () => {
  const late = await client('web', undefined, { [oidc.clockSkew]: 600 });
  const kept = await attempt(late);
  const url = await back(kept.to);
  await assert.rejects(oidc.authorizationCodeGrant(late, url, checks(kept)), /timestamp/);
});

test('a weaker or older proof than was asked for is never passed off', async () => {
  const old = await back((await attempt(web, { prompt: 'none', max_age: '0' })).to);
  assert.equal(old.searchParams.get('error'), 'login_required');
  const tokens = await signIn(web, { acr_values: 'phr' });
  assert.equal(tokens.claims().acr, 'phr');
  const unknown = await back((await attempt(web, { acr_values: 'urn:nobody' })).to);
  assert.equal(unknown.searchParams.get('error'), 'invalid_request');
});

test('a native application signs in without a secret, on any loopback port', async () => {
  const native = await client('native');
  const kept = await attempt(native, { redirect_uri: 'http://127.0.0.1:49152/cb' });
  const response = await visit(kept.to);
  const url = new URL(response.headers.get('location'));
  assert.equal(url.origin, 'http://127.0.0.1:49152');
  const tokens = await oidc.authorizationCodeGrant(native, url, checks(kept));
  const next = await oidc.refreshTokenGrant(native, tokens.refresh_token);
  assert.notEqual(next.refresh_token, tokens.refresh_token);
  const { to } = await attempt(native, { redirect_uri: 'http://localhost:49152/cb' });
  assert.equal((await visit(to)).status, 400);
});

/// abuse case 8: an assertion works once.
test('a client proves itself by a key, and each proof works once', async () => {
  let assertion;
  const once = await client('key', { [oidc.modifyAssertion]: (_, claims) => { assertion ??= claims.jti; claims.jti = assertion; } });
  const kept = await attempt(once);
  const tokens = await oidc.authorizationCodeGrant(once, await back(kept.to), checks(kept));
  assert.ok(tokens.access_token);
  await refused(oidc.refreshTokenGrant(once, tokens.refresh_token), 'invalid_client');
  const fresh = await client('key');
  const next = await oidc.refreshTokenGrant(fresh, tokens.refresh_token);
  assert.ok(next.access_token);
});

/// abuse case F6: an assertion with a claim that is wrong, missing or from
/// another time is none.
test('an assertion that is not quite right is refused', async () => {
  const now = Math.floor(Date.now() / 1000);
  for (const change of [
    (_, c) => { c.aud = 'https://evil.tld'; },
    (_, c) => { c.aud = [c.aud, 'https://evil.tld'].flat(); },
    (_, c) => { delete c.aud; },
    (_, c) => { c.exp = now - 1; },
    (_, c) => { c.exp = now + 86_400; },
    (_, c) => { c.exp = String(now + 60); },
    (_, c) => { delete c.exp; },
    (_, c) => { c.iat = now + 600; },
    (_, c) => { c.nbf = now + 600; },
    (_, c) => { delete c.jti; },
    (_, c) => { c.sub = house.clients.web.id; },
    (_, c) => { c.iss = house.clients.web.id; },
    (h) => { h.alg = 'none'; },
    (h) => { h.alg = 'HS256'; },
    (h) => { h.kid = '../../etc/passwd'; },
    (h) => { h.crit = ['exp']; },
    (h) => { h.b64 = false; },
    (h) => { h.jku = 'https://evil.tld/keys'; },
    (h) => { h.typ = 'at+jwt'; },
  ]) {
    const config = await client('key', { [oidc.modifyAssertion]: change });
    await refused(oidc.refreshTokenGrant(config, 'x'), 'invalid_client');
  }
});

test('a wrong or unknown client gets one and the same answer', async () => {
  const bodies = new Set();
  for (const [id, secret] of [
    [house.clients.web.id, 'wrong'], [house.clients.web.id, house.clients.other.secret],
    ['00000000-0000-7000-8000-000000000000', 'wrong'], ['nobody', 'wrong'],
  ]) {
    const response = await fetch(web.serverMetadata().token_endpoint, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret }),
    });
    assert.equal(response.status, 401);
    assert.match(response.headers.get('www-authenticate'), /^Basic /);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    bodies.add(await response.text());
  }
  assert.equal(bodies.size, 1);
});

test('a pipeline gets tokens for itself, and only those', async () => {
  const workload = await client('workload');
  const tokens = await oidc.clientCredentialsGrant(workload, { scope: 'deploy' });
  assert.equal(tokens.refresh_token, undefined);
  const answer = await oidc.tokenIntrospection(workload, tokens.access_token);
  assert.equal(answer.active, true);
  assert.equal(answer.sub, house.clients.workload.subject);
  assert.notEqual(answer.sub, answer.client_id);
  await refused(oidc.clientCredentialsGrant(workload, { scope: 'openid' }), 'invalid_scope');
  await refused(oidc.clientCredentialsGrant(web), 'unauthorized_client');
});

/// abuse case 36: no part and no change of a token is a token.
/// abuse case F6: a token of one kind is no token of another.
test('what is not exactly an access token opens nothing', async () => {
  const tokens = await signIn(web);
  const { access_token: access, id_token: id, refresh_token: refresh } = tokens;
  const [header, claims, signature] = access.split('.');
  const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
  for (const token of [id, refresh, access.slice(0, -1), `${header}.${claims}.`, `${none}.${claims}.`, `${none}.${claims}.${signature}`, `${access}x`, '']) {
    const response = await fetch(web.serverMetadata().userinfo_endpoint, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(response.status, 401, token);
  }
  const query = new URL(web.serverMetadata().userinfo_endpoint);
  query.searchParams.set('access_token', access);
  assert.equal((await fetch(query)).status, 401, 'a bearer value in a query is not read');
});

test('no other origin may read the answers of the authorization endpoint', async () => {
  const { to } = await attempt(web);
  const response = await fetch(to, { redirect: 'manual', headers: { cookie: house.cookie, origin: 'https://evil.tld' } });
  assert.equal(response.headers.get('access-control-allow-origin'), null);
});

test('signing out goes only to an address that the client registered', async () => {
  const url = oidc.buildEndSessionUrl(web, { post_logout_redirect_uri: 'https://evil.tld/' });
  const response = await visit(url);
  assert.equal(response.status, 400);
  assert.equal(response.headers.get('location'), null);
});

// The last one: it ends the session that the others need.
test('signing out by the application ends the session and all its tokens', async () => {
  const tokens = await signIn(web);
  const others = await signIn(other);
  const url = oidc.buildEndSessionUrl(web, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: house.post_logout_redirect_uri,
    state: 'bye',
  });
  const response = await visit(url);
  // By a page of ours, since a policy of the page before may follow redirects.
  assert.equal(response.status, 200);
  assert.match(response.headers.getSetCookie().join(), /__Host-sid=;/);
  assert.ok((await response.text()).includes(`${house.post_logout_redirect_uri}?state=bye`));
  assert.equal(await active(web, tokens.access_token), false);
  assert.equal(await active(other, others.access_token), false);
  await refused(oidc.refreshTokenGrant(web, tokens.refresh_token), 'invalid_grant');
  const again = await visit((await attempt(web, { prompt: 'none' })).to);
  assert.equal(new URL(again.headers.get('location')).searchParams.get('error'), 'login_required');
});
