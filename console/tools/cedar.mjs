// What policies may talk about, out of the engine's own schema: its types with
// their attributes, its actions with what they are done to, its facts.

/** `{ id: String, age?: Long }` as pairs of a name and its type. */
function fields(text) {
  const found = text.matchAll(/([A-Za-z_]\w*)(\??)\s*:\s*([A-Za-z_][\w<>]*)/g);
  return [...found].map(([, name, may, type]) => [name, type + may]);
}

const list = text =>
  text
    .split(',')
    .map(x => x.trim())
    .filter(Boolean);

export function cedar(schema) {
  const text = schema.replace(/\/\/.*$/gm, '');
  const types = [...text.matchAll(/\bentity\s+(\w+)([^;{]*)(?:\{([^}]*)\})?\s*;/g)].map(
    ([, name, , body]) => [name, fields(body ?? '')],
  );
  const facts = fields(text.match(/\btype\s+Facts\s*=\s*\{([^}]*)\}/)?.[1] ?? '');
  const actions = [
    ...text.matchAll(
      /\baction\s+((?:"[^"]+"\s*,?\s*)+)appliesTo\s*\{[^}]*resource:\s*\[([^\]]*)\]/g,
    ),
  ].flatMap(([, names, on]) => list(names).map(n => [n.replaceAll('"', ''), list(on)]));
  if (types.length === 0 || facts.length === 0 || actions.length === 0) {
    throw new Error('schema.cedarschema has no types, facts or actions that can be read');
  }
  return { types, facts, actions };
}

export function cedarSource(schema) {
  const { types, facts, actions } = cedar(schema);
  const pairs = all => `new Map<string, string>(${JSON.stringify(all, null, 2)})`;
  return [
    '// Made from crates/policy/schema.cedarschema.',
    `export const FACTS = ${pairs(facts)};`,
    '',
    'export const TYPES = new Map<string, ReadonlyMap<string, string>>([',
    ...types.map(([name, all]) => `  [${JSON.stringify(name)}, ${pairs(all)}],`),
    ']);',
    '',
    `export const ON = new Map<string, readonly string[]>(${JSON.stringify(actions, null, 2)});`,
    'export const ACTIONS: readonly string[] = [...ON.keys()];',
    '',
  ].join('\n');
}
