// The house that the tests meet, as whoever started it describes it in
// DOORWARD_OIDC (JSON): issuer, redirect_uri, cookie (of a signed-in browser),
// subject, and clients {web, other, native, key, workload}, each {id, secret?, jwk?}.
// Its CA comes by NODE_EXTRA_CA_CERTS.

import * as oidc from 'openid-client';

export const house = JSON.parse(process.env.DOORWARD_OIDC ?? 'null');
if (!house) {
  console.error('set DOORWARD_OIDC; `cargo test -p doorward-testsuite --test oidc` does');
  process.exit(1);
}

/** A configuration of the library for one of the clients. */
export async function client(which, options, metadata) {
  const { id, secret, jwk } = house.clients[which];
  let proof;
  if (jwk) {
    const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    proof = oidc.PrivateKeyJwt({ key, kid: jwk.kid }, options);
  } else if (!secret) {
    proof = oidc.None();
  } else if (options?.post) {
    proof = oidc.ClientSecretPost(secret);
  } else {
    proof = oidc.ClientSecretBasic(secret);
  }
  return oidc.discovery(new URL(house.issuer), id, metadata, proof);
}

/** What a client keeps between sending a browser away and getting it back. */
export async function attempt(config, changes = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const to = oidc.buildAuthorizationUrl(config, {
    redirect_uri: house.redirect_uri,
    scope: 'openid profile email groups roles offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) to.searchParams.delete(name);
    else to.searchParams.set(name, value);
  }
  return { verifier, state, nonce, to };
}

/** Goes there as the signed-in browser, or as one that is not. */
export function visit(to, { cookie = house.cookie } = {}) {
  return fetch(to, { redirect: 'manual', headers: cookie ? { cookie } : {} });
}

/** Where the browser is sent back to. */
export async function back(to) {
  const response = await visit(to);
  const location = response.headers.get('location');
  if (response.status !== 303 || !location?.startsWith(house.redirect_uri)) {
    throw new Error(`not sent back: ${response.status} ${location} ${(await response.text()).slice(0, 400)}`);
  }
  return new URL(location);
}

export const checks = ({ verifier, state, nonce }) => ({
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
});

/** The whole flow. */
export async function signIn(config, changes) {
  const kept = await attempt(config, changes);
  return oidc.authorizationCodeGrant(config, await back(kept.to), checks(kept));
}

export const active = async (config, token) => (await oidc.tokenIntrospection(config, token)).active;
