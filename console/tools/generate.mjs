// Makes what the sources import and nobody writes by hand: the design tokens
// of the server-rendered pages, the types of the API, the ids of the messages,
// what policies may talk about.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FluentResource } from '@fluent/bundle';
import openapiTS, { astToString } from 'openapi-typescript';
import { cedarSource } from './cedar.mjs';

const here = path => fileURLToPath(new URL(path, import.meta.url));
const read = path => readFileSync(here(path), 'utf8');

function write(path, text) {
  let old = '';
  try {
    old = read(path);
  } catch {
    // It is made for the first time.
  }
  if (old !== text) writeFileSync(here(path), text);
}

/** The declarations of each `:root` rule that is for the screen, light or dark. */
function tokens(css) {
  const found = { light: [], dark: [] };
  const rule = /:root\s*\{([^}]*)\}/g;
  for (const match of css.matchAll(rule)) {
    const media = css.slice(0, match.index).match(/@media([^{}]*)\{[^{}]*$/)?.[1];
    if (media === undefined) found.light.push(match[1].trim());
    else if (/prefers-color-scheme:\s*dark/.test(media)) found.dark.push(match[1].trim());
  }
  if (found.light.length === 0 || found.dark.length === 0) {
    throw new Error('crates/web/assets/doorward.css has no tokens for light and dark');
  }
  const light = found.light.join('\n');
  const dark = found.dark.join('\n');
  return [
    `:root { ${light} }`,
    `@media (prefers-color-scheme: dark) { :root { ${dark} } }`,
    `:root[data-theme='light'] { ${light} color-scheme: light; }`,
    `:root[data-theme='dark'] { ${dark} color-scheme: dark; }`,
    '',
  ].join('\n');
}

/** The ids of a Fluent file with the variables of each. */
function messages(text) {
  const ids = new Map();
  for (const { id, value } of new FluentResource(text).body) {
    const used = new Set(JSON.stringify(value).match(/"type":"var","name":"[^"]+"/g) ?? []);
    if (ids.has(id)) throw new Error(`${id} is there twice`);
    ids.set(id, [...used].map(v => v.slice(20, -1)).sort());
  }
  return ids;
}

function ids() {
  const [en, de] = ['en', 'de'].map(lang => messages(read(`../src/i18n/${lang}.ftl`)));
  const written = text => (text.match(/^[a-z][\w-]* =/gm) ?? []).length;
  for (const [lang, map] of [
    ['en', en],
    ['de', de],
  ]) {
    const lines = written(read(`../src/i18n/${lang}.ftl`));
    if (lines !== map.size)
      throw new Error(`${lang}.ftl: ${lines - map.size} messages do not parse`);
  }
  const wrong = [];
  for (const [id, vars] of en) {
    if (!de.has(id)) wrong.push(`de.ftl has no ${id}`);
    else if (String(de.get(id)) !== String(vars)) wrong.push(`${id}: other variables in de.ftl`);
  }
  for (const id of de.keys()) if (!en.has(id)) wrong.push(`en.ftl has no ${id}`);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return `export type MessageId =\n${[...en.keys()].map(id => `  | '${id}'`).join('\n')};\n`;
}

write('../src/styles/tokens.css', tokens(read('../../crates/web/assets/doorward.css')));
write('../src/i18n/ids.ts', ids());
write('../src/policy/schema.ts', cedarSource(read('../../crates/policy/schema.cedarschema')));
const document = JSON.parse(read('../openapi.json'));
// The console reads lists as JSON; that they are to be had as CSV too says nothing to it.
for (const operations of Object.values(document.paths))
  for (const { responses = {} } of Object.values(operations))
    for (const { content = {} } of Object.values(responses))
      if ('application/json' in content) delete content['text/csv'];

write(
  '../src/api/schema.d.ts',
  astToString(await openapiTS(document, { defaultNonNullable: false })),
);
