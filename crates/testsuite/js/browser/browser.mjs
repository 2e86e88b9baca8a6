// Chromium, and somebody who sits before it. Whatever a page does that it must
// not (an error in the console, a breach of its policy, a request to a third
// party) is kept and fails the test that looks.

import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { house, pinned } from './house.mjs';

const QUIET = [
  '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-features=Translate',
];

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1280, height: 800 };

let browser;
let used = 0;

export async function open() {
  browser = await chromium.launch({
    executablePath: process.env.DOORWARD_CHROMIUM ?? '/usr/bin/chromium',
    args: [...QUIET, `--ignore-certificate-errors-spki-list=${pinned()}`],
  });
}

export async function close() {
  await browser?.close();
}

/** Asked once more until it holds; what it says last is told when it never does. */
export async function until(what, holds, seconds = 15) {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const found = await holds();
    if (found) return found;
    if (Date.now() > end) throw new Error(`it did not come to be: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/**
 * A test with as many visitors as `arrive` is called. When it fails it says what
 * they had before their eyes.
 */
export const visits = (story) => async () => {
  const visitors = [];
  const arrive = async (options) => {
    visitors.push(await Visitor.at(options));
    return visitors.at(-1);
  };
  try {
    await story(arrive);
    for (const { faults } of visitors) assert.deepEqual(faults, []);
  } catch (error) {
    for (const { page, faults } of visitors) {
      const shown = await page.locator('body').innerText().catch((e) => e.message);
      error.message += `\n── ${page.url()}\n${shown}\n${faults.join('\n')}`;
    }
    throw error;
  } finally {
    for (const { context } of visitors) await context.close();
  }
};

/** A person at a browser of their own. */
export class Visitor {
  faults = [];
  #expected = new Set();
  #loses = false;

  static async at({ size = DESK, locale = 'en-GB', ...more } = {}) {
    const visitor = new Visitor();
    visitor.context = await browser.newContext({
      viewport: size, locale, baseURL: house.origin, reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'], ...more,
    });
    visitor.context.setDefaultTimeout(15_000);
    await visitor.context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (e) =>
        console.error(`policy: ${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
    });
    const ours = [house.origin, ...Object.values(house.applications).map((a) => a.origin)];
    visitor.context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      const inside = protocol === 'data:' || protocol === 'blob:' || ours.includes(origin);
      if (!inside) visitor.faults.push(`a request to a third party: ${request.url()}`);
    });
    visitor.page = await visitor.context.newPage();
    visitor.page.on('pageerror', (error) => visitor.faults.push(error.stack));
    visitor.page.on('console', (message) => {
      if (message.type() !== 'error') return;
      if (visitor.#loses && /net::ERR_/.test(message.text())) return;
      const status = /responded with a status of (\d+)/.exec(message.text())?.[1];
      if (status && visitor.#expected.has(Number(status))) return;
      visitor.faults.push(`${message.location().url}: ${message.text()}`);
    });
    return visitor;
  }

  /** Answers of this status are what the test is about. */
  expects(...statuses) {
    for (const status of statuses) this.#expected.add(status);
  }

  /** Its connection breaks: what cannot be fetched is what the test is about. */
  loses() {
    this.#loses = true;
  }

  /** To this address, whatever the page itself is about to load meanwhile. */
  async go(path) {
    await this.page.waitForLoadState();
    return this.page.goto(path).catch(async (error) => {
      if (!/interrupted by another navigation|net::ERR_ABORTED/.test(error.message)) throw error;
      await this.page.waitForLoadState();
      return this.page.goto(path);
    });
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  link(name) {
    return this.page.getByRole('link', { name, exact: true });
  }

  field(label) {
    return this.page.getByLabel(label, { exact: true });
  }

  heading(name) {
    return this.page.getByRole('heading', { name });
  }

  /** Waits until the page says it. */
  sees(text) {
    return this.page.getByText(text).first().waitFor();
  }

  /** Where the browser is, without the query. */
  path() {
    return new URL(this.page.url()).pathname;
  }

  /** Waits until it is there. */
  arrives(path) {
    return this.page.waitForURL((url) => url.pathname === path || url.href.startsWith(path));
  }

  /** The API as the pages' own script would call it. */
  async api(method, path, body) {
    return this.page.evaluate(async ([method, path, body]) => {
      const session = await (await fetch('/api/v1/session')).json();
      const answer = await fetch(`/api/v1${path}`, {
        method,
        headers: { 'content-type': 'application/json', 'x-csrf-token': session.csrf_token },
        body: body && JSON.stringify(body),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status} ${text}`);
      return text && JSON.parse(text);
    }, [method, path, body]);
  }

  /** Gives the browser an authenticator: platform, discoverable, verifying; with these passkeys. */
  async authenticator(passkeys = []) {
    const cdp = await this.context.newCDPSession(this.page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true,
        hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
      },
    });
    for (const credential of passkeys) {
      // A copy must count on, or it is taken for a thief's.
      used += 1_000;
      await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential, signCount: used } });
    }
    return {
      /** Whether its owner is there and says yes. */
      willing: (enabled) =>
        cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
      /** Its passkeys, for another browser of the same person. */
      taken: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    };
  }
}
