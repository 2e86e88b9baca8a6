// One page as Lighthouse sees it: the scores, the first paint with a cold cache
// on a slow processor, and how much script comes with it.
//
// Takes `{ url, cookie, chromium, certificate, profile, form }` as JSON in
// DOORWARD_BENCH_PAGE and prints what it found as JSON. The network is as it is:
// the server stands on the same machine.

import { spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import lighthouse from 'lighthouse';

const SLOWER = 4;
/** What an audit scores that is worth a word. */
const GOOD = 0.9;
const ask = JSON.parse(process.env.DOORWARD_BENCH_PAGE);

/** What Chromium calls the server's key; it believes in that one and in no other. */
function pinned() {
  const { publicKey } = new X509Certificate(readFileSync(ask.certificate));
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
}

/** A browser of its own, and the port by which it is driven. */
async function chromium() {
  const child = spawn(ask.chromium, [
    '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${ask.profile}`, '--no-first-run',
    '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--disable-extensions', '--disable-default-apps', '--disable-features=Translate',
    ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
    `--ignore-certificate-errors-spki-list=${pinned()}`, 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const line of createInterface({ input: child.stderr })) {
    const port = /^DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(line)?.[1];
    if (port) {
      child.stderr.resume();
      return { child, port: Number(port) };
    }
  }
  throw new Error('Chromium does not start');
}

const desktop = { mobile: false, width: 1350, height: 940, deviceScaleFactor: 1, disabled: false };

const { child, port } = await chromium();
try {
  const { lhr } = await lighthouse(ask.url, {
    port,
    output: 'json',
    logLevel: 'error',
    onlyCategories: ['performance', 'accessibility', 'best-practices'],
    extraHeaders: { Cookie: ask.cookie },
    formFactor: ask.form,
    ...(ask.form === 'desktop' && { screenEmulation: desktop }),
    throttlingMethod: 'devtools',
    throttling: { cpuSlowdownMultiplier: SLOWER, requestLatencyMs: 0, downloadThroughputKbps: 0, uploadThroughputKbps: 0, rttMs: 0, throughputKbps: 0 },
  });
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
  const requests = lhr.audits['network-requests'].details.items;
  const scripts = [...new Set(requests.filter((r) => r.resourceType === 'Script').map((r) => r.url))];
  let script = 0;
  for (const url of scripts) {
    const answer = await fetch(url, { headers: { 'accept-encoding': 'gzip' } });
    script += Number(answer.headers.get('content-length'));
  }
  const failed = Object.values(lhr.categories).flatMap((c) =>
    c.auditRefs.filter((r) => r.weight > 0 && (lhr.audits[r.id].score ?? 1) < GOOD).map((r) => `${r.id}: ${lhr.audits[r.id].displayValue ?? lhr.audits[r.id].title}`));
  console.log(JSON.stringify({
    at: lhr.finalDisplayedUrl,
    performance: lhr.categories.performance.score * 100,
    accessibility: lhr.categories.accessibility.score * 100,
    best_practices: lhr.categories['best-practices'].score * 100,
    first_paint: lhr.audits['first-contentful-paint'].numericValue,
    largest_paint: lhr.audits['largest-contentful-paint'].numericValue,
    script,
    failed,
  }));
} finally {
  child.kill();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
