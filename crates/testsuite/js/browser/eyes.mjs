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

async function fits(visitor, name) {
  assert.deepEqual(await still(visitor.page, () => overflowing(visitor.page)), [], `${name}: wider than the window`);
}

async function accessible(visitor, name) {
  assert.deepEqual(await still(visitor.page, () => violations(visitor.page)), [], name);
}

/** Looks at the page; `name` is that of its pictures. */
export async function look(visitor, name) {
  const { page } = visitor;
  seen.add(name);
  const before = page.viewportSize();
  for (const [size, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await accessible(visitor, `${name}, ${colorScheme}, ${size}`);
      await fits(visitor, `${name}, ${size}`);
      if (SHOTS) {
        await page.screenshot({ path: join(SHOTS, `${name}.${colorScheme}.${size}.png`), fullPage: true, animations: 'disabled' });
      }
    }
  }
  await page.setViewportSize({ width: 320, height: 640 });
  await fits(visitor, `${name}, 320 pixels wide`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(before);
  assert.deepEqual(visitor.faults, [], name);
}

const NARROW = { width: 320, height: 640 };
const WIDE = { width: 2560, height: 1440 };

/** What scrolls inside the console is drawn whole in its pictures, up to this height. */
const TALL = 2_400;

async function picture(visitor, name, size, viewport, colorScheme) {
  const { page } = visitor;
  await page.setViewportSize(viewport);
  const hidden = await page.evaluate(() => {
    const main = document.querySelector('main');
    return main ? main.scrollHeight - main.clientHeight : 0;
  });
  const height = Math.min(TALL, viewport.height + hidden);
  await page.setViewportSize({ ...viewport, height });
  await page.screenshot({ path: join(SHOTS, `${name}.${colorScheme}.${size}.png`), animations: 'disabled' });
}

/** Looks at a page of the console: both themes, from 320 to 2560 pixels wide. */
export async function lookAround(visitor, name) {
  const { page } = visitor;
  seen.add(name);
  const before = page.viewportSize();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const viewport of [NARROW, DESK, ...(colorScheme === 'light' ? [WIDE] : [])]) {
      await page.setViewportSize(viewport);
      await fits(visitor, `${name}, ${viewport.width} pixels wide`);
      await accessible(visitor, `${name}, ${colorScheme}, ${viewport.width} pixels wide`);
    }
    if (SHOTS) {
      await picture(visitor, name, 'phone', PHONE, colorScheme);
      await picture(visitor, name, 'desk', DESK, colorScheme);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(before);
  assert.deepEqual(visitor.faults, [], name);
}

/** Looks at what would close if the window became another: as large as it is, in both themes. */
export async function lookHere(visitor, name) {
  const { page } = visitor;
  seen.add(name);
  const { width } = page.viewportSize();
  const size = width < 600 ? 'phone' : 'desk';
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await fits(visitor, `${name}, ${width} pixels wide`);
    await accessible(visitor, `${name}, ${colorScheme}, ${width} pixels wide`);
    if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}.${colorScheme}.${size}.png`), animations: 'disabled' });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Whether it fits a narrow screen, and its picture; the rules were looked at in another language. */
export async function glance(visitor, name) {
  const { page } = visitor;
  const before = page.viewportSize();
  for (const viewport of [NARROW, DESK]) {
    await page.setViewportSize(viewport);
    await fits(visitor, `${name}, ${viewport.width} pixels wide`);
  }
  if (SHOTS) {
    await picture(visitor, name, 'phone', PHONE, 'light');
    await picture(visitor, name, 'desk', DESK, 'light');
  }
  await page.setViewportSize(before);
}
