// Looking at a page: in both themes and two sizes, by the rules of WCAG 2.2 AA
// and by its picture; and whether it fits a screen of 320 pixels.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { DESK, PHONE } from './browser.mjs';

const SHOTS = process.env.DOORWARD_SHOTS;
if (SHOTS) mkdirSync(SHOTS, { recursive: true });

const RULES = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  // Fetches nothing: the pages' policy allows no such thing.
  preload: false,
  resultTypes: ['violations'],
};

/** The pages that were looked at. */
export const seen = new Set();

async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(`${axe.source}; undefined`);
  const { violations } = await page.evaluate((rules) => globalThis.axe.run(document, rules), RULES);
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} (${n.failureSummary})`));
}

/** What is wider than the window. */
const overflowing = (page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > clientWidth + 1);
    return [`${scrollWidth} > ${clientWidth}`, ...wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 120))];
  });

/** A page that fetches itself anew in this moment is looked at again. */
async function still(page, look) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await look();
    } catch (error) {
      if (tries === 3 || !/context was destroyed|navigation|Execution context/i.test(error.message)) throw error;
      await page.waitForLoadState();
    }
  }
}

/** Looks at the page; `name` is that of its pictures. */
export async function look(visitor, name, { whole = true } = {}) {
  const { page } = visitor;
  seen.add(name);
  const before = page.viewportSize();
  for (const [size, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const found = await still(page, () => violations(page));
      assert.deepEqual(found, [], `${name}, ${colorScheme}, ${size}`);
      assert.deepEqual(await still(page, () => overflowing(page)), [], `${name}, ${size}`);
      if (SHOTS) {
        await page.screenshot({ path: join(SHOTS, `${name}.${colorScheme}.${size}.png`), fullPage: whole, animations: 'disabled' });
      }
    }
  }
  await page.setViewportSize({ width: 320, height: 640 });
  assert.deepEqual(await still(page, () => overflowing(page)), [], `${name}, 320 pixels wide`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(before);
  assert.deepEqual(visitor.faults, [], name);
}
