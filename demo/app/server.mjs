// Rota: who is on call this week. An everyday application that knows nothing of
// Doorward but its issuer: it signs in with a certified OpenID Connect client,
// asks on each page whether its token is still active, and takes logout notices.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { page } from './page.mjs';

const need = (name) => {
  const value = process.env[name];
  if (!value) {
    console.error(`rota: set ${name}`);
    process.exit(1);
  }
  return value;
};

const port = Number(process.env.PORT ?? 8088);
const origin = `http://localhost:${port}`;
const config = await discover();
const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));

/** Sessions of this application, by cookie. A real one would keep them in its database. */
const sessions = new Map();

async function discover() {
  const issuer = new URL(need('ISSUER'));
  const id = need('CLIENT_ID');
  const secret = need('CLIENT_SECRET');
  for (let tries = 0; ; tries += 1) {
    try {
      return await oidc.discovery(issuer, id, secret);
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((done) => setTimeout(done, 200));
    }
  }
}

const cookies = (request) =>
  Object.fromEntries((request.headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split('=', 2)));

const answer = (response, status, headers, body = '') => {
  response.writeHead(status, {
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body);
};

const html = (response, status, body, headers = {}) =>
  answer(response, status, { 'content-type': 'text/html; charset=utf-8', ...headers }, body);

/** Browsers give cookies to every port of a host; the name keeps two of us apart. */
const COOKIE = `rota-${port}`;
const cookie = (value, age) => `${COOKIE}=${value}; HttpOnly; SameSite=Lax; Path=/; Max-Age=${age}`;

async function signIn(response) {
  const key = randomBytes(32).toString('base64url');
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  sessions.set(key, { pending: { verifier, state, nonce } });
  const to = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `${origin}/callback`,
    scope: 'openid profile email groups roles offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  answer(response, 303, { location: to.href, 'set-cookie': cookie(key, 3600) });
}

async function callback(request, response, key) {
  const pending = sessions.get(key)?.pending;
  if (!pending) return answer(response, 303, { location: '/' });
  sessions.delete(key);
  const tokens = await oidc.authorizationCodeGrant(config, new URL(request.url, origin), {
    pkceCodeVerifier: pending.verifier,
    expectedState: pending.state,
    expectedNonce: pending.nonce,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  // A new key: what was known before the sign-in opens nothing after it.
  const fresh = randomBytes(32).toString('base64url');
  sessions.set(fresh, { tokens, claims, info, sid: claims.sid });
  return answer(response, 303, { location: '/', 'set-cookie': cookie(fresh, 8 * 3600) });
}

/** The session, if its token is active; refreshed when it has only grown old. */
async function alive(key) {
  const session = sessions.get(key);
  if (!session?.tokens) return undefined;
  const active = await oidc.tokenIntrospection(config, session.tokens.access_token);
  if (active.active) return session;
  try {
    const tokens = await oidc.refreshTokenGrant(config, session.tokens.refresh_token);
    session.tokens = { ...tokens, refresh_token: tokens.refresh_token ?? session.tokens.refresh_token };
    session.info = await oidc.fetchUserInfo(config, tokens.access_token, session.claims.sub);
    return session;
  } catch {
    sessions.delete(key);
    return undefined;
  }
}

async function signOut(response, key) {
  const session = sessions.get(key);
  sessions.delete(key);
  const parameters = { post_logout_redirect_uri: `${origin}/` };
  if (session?.tokens?.id_token) parameters.id_token_hint = session.tokens.id_token;
  const to = oidc.buildEndSessionUrl(config, parameters);
  answer(response, 303, { location: to.href, 'set-cookie': cookie('', 0) });
}

/** Back-channel logout: a signed token says whose session is over. */
async function backchannel(request, response) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > 64 * 1024) return answer(response, 413, {});
    chunks.push(chunk);
  }
  const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '';
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: config.serverMetadata().issuer,
      audience: process.env.CLIENT_ID,
      typ: 'logout+jwt',
      requiredClaims: ['iat', 'jti', 'events'],
    });
    for (const [key, session] of sessions) {
      if (session.sid ? session.sid === payload.sid : session.claims?.sub === payload.sub) sessions.delete(key);
    }
    return answer(response, 200, {});
  } catch {
    return answer(response, 400, {});
  }
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, origin);
  const key = cookies(request)[COOKIE];
  try {
    if (request.method === 'POST' && pathname === '/backchannel-logout') return await backchannel(request, response);
    if (request.method === 'POST' && pathname === '/sign-out') return await signOut(response, key);
    if (request.method !== 'GET') return answer(response, 405, {});
    if (pathname === '/callback') return await callback(request, response, key);
    if (pathname === '/sign-in') return await signIn(response);
    if (pathname !== '/') return html(response, 404, page.missing());
    const session = await alive(key);
    if (session) return html(response, 200, page.rota(session.info, session.claims));
    // Whoever was in and is out now is told so; whoever is new, or was on the way
    // in, goes straight through.
    if (key && !sessions.get(key)?.pending) return html(response, 200, page.out(), { 'set-cookie': cookie('', 0) });
    return await signIn(response);
  } catch (error) {
    console.error('rota:', error.message);
    return html(response, 502, page.failed(error));
  }
});

server.listen(port, '127.0.0.1', () => console.log(`rota: ${origin}`));
