import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../', import.meta.url);

/** What names a side of the page instead of a place in the reading direction. */
const SIDES =
  /(?:^|[\s;{])(?:(?:margin|padding|border|inset)-(?:left|right)|left|right)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)/;

/** Four lengths, of which the right one is not the left one. */
const LOPSIDED =
  /(?:^|[\s;{])(?:margin|padding|inset):\s*([^\s;(]+) ([^\s;(]+) ([^\s;(]+) (?!\2;)([^\s;(]+);/;

describe('style sheets', () => {
  it('name no side, so that a page can be read from right to left', () => {
    const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
      .filter(f => f.endsWith('.css'))
      .sort();
    expect(files.length).toBeGreaterThan(20);
    const wrong = files.flatMap(file =>
      readFileSync(new URL(file, ROOT), 'utf8')
        .split('\n')
        .filter(line => SIDES.test(line) || LOPSIDED.test(line))
        .map(line => `${file}: ${line.trim()}`),
    );
    expect(wrong).toEqual([]);
  });
});
