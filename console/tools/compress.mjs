// Compresses once what would else be compressed for every visitor, and holds
// the budget of the first load.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const BUDGET = 200_000;
const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const assets = join(dist, 'assets');

let total = 0;
for (const name of readdirSync(assets)) {
  if (!/\.(js|css|svg)$/.test(name)) continue;
  const bytes = readFileSync(join(assets, name));
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  writeFileSync(join(assets, `${name}.br`), brotliCompressSync(bytes, { params }));
  writeFileSync(join(assets, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  total += bytes.length;
}

const html = readFileSync(join(dist, 'index.html'), 'utf8');
const first = [...html.matchAll(/(?:src|href)="\/console\/(assets\/[^"]+\.js)"/g)].map(m => m[1]);
const size = first.reduce((sum, name) => sum + readFileSync(join(dist, `${name}.gz`)).length, 0);
console.log(
  `first load: ${(size / 1000).toFixed(0)} kB of JavaScript, gzip; all: ${(total / 1000).toFixed(0)} kB plain`,
);
if (size > BUDGET) {
  console.error(`more than the budget of ${BUDGET / 1000} kB`);
  process.exit(1);
}
