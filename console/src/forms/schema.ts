/**
 * A form from a JSON schema: which fields an object has, and how what was typed
 * becomes that object again. What this does not know how to draw is edited as
 * JSON, so that no setting is out of reach.
 */

export type FieldKind = 'text' | 'number' | 'lines' | 'tick' | 'choice' | 'json';

export interface SchemaField {
  name: string;
  kind: FieldKind;
  /** As the schema says it, in English. */
  about: string;
  required: boolean;
  /** What it is when nothing is said. */
  fallback: unknown;
  min?: number;
  max?: number;
  options?: string[];
}

type Raw = Record<string, unknown>;

function isObject(x: unknown): x is Raw {
  return typeof x === 'object' && x !== null && !Array.isArray(x);
}

/** What stands behind a reference; `null` as an alternative only says optional. */
function resolved(schema: unknown, root: Raw, depth = 0): Raw {
  if (!isObject(schema) || depth > 8) return {};
  if (typeof schema.$ref === 'string') {
    const path = schema.$ref.replace(/^#\//, '').split('/');
    const found = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), root);
    const { $ref: _, ...own } = schema;
    return { ...resolved(found, root, depth + 1), ...own };
  }
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const) {
    const ways = schema[key];
    if (!Array.isArray(ways)) continue;
    const real = ways.filter(w => !(isObject(w) && w.type === 'null'));
    if (real.length === 1) {
      const { [key]: _, ...own } = schema;
      return { ...resolved(real[0], root, depth + 1), ...own };
    }
  }
  return schema;
}

function typeOf(schema: Raw): string | undefined {
  if (typeof schema.type === 'string') return schema.type;
  if (!Array.isArray(schema.type)) return undefined;
  const real = schema.type.filter(t => t !== 'null');
  return real.length === 1 && typeof real[0] === 'string' ? real[0] : undefined;
}

const number = (x: unknown) => (typeof x === 'number' ? x : undefined);

function field(name: string, raw: unknown, root: Raw, required: boolean): SchemaField {
  const schema = resolved(raw, root);
  const type = typeOf(schema);
  const shared = {
    name,
    about: typeof schema.description === 'string' ? schema.description : '',
    required: required && schema.default === undefined,
    fallback: schema.default,
  };
  if (type === 'boolean') return { ...shared, kind: 'tick' };
  if (type === 'integer' || type === 'number') {
    const [min, max] = [number(schema.minimum), number(schema.maximum)];
    return {
      ...shared,
      kind: 'number',
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
    };
  }
  if (type === 'string') {
    const options = Array.isArray(schema.enum)
      ? schema.enum.filter(x => typeof x === 'string')
      : undefined;
    return options ? { ...shared, kind: 'choice', options } : { ...shared, kind: 'text' };
  }
  if (type === 'array' && typeOf(resolved(schema.items, root)) === 'string')
    return { ...shared, kind: 'lines' };
  return { ...shared, kind: 'json' };
}

/** The fields of an object's schema, in its order; what must be given comes first. */
export function fieldsOf(schema: unknown): SchemaField[] {
  if (!isObject(schema) || !isObject(schema.properties)) return [];
  const must = Array.isArray(schema.required) ? schema.required : [];
  const all = Object.entries(schema.properties).map(([name, raw]) =>
    field(name, raw, schema, must.includes(name)),
  );
  return [...all.filter(f => f.required), ...all.filter(f => !f.required)];
}

function typed(f: SchemaField, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (f.kind === 'lines') return Array.isArray(value) ? value.join('\n') : '';
  if (f.kind === 'json') return JSON.stringify(value, null, 2);
  return String(value);
}

/** What the fields show for an object. */
export function typedOf(fields: readonly SchemaField[], object: unknown): Record<string, string> {
  const raw = isObject(object) ? object : {};
  return Object.fromEntries(fields.map(f => [f.name, typed(f, raw[f.name] ?? f.fallback)]));
}

function value(f: SchemaField, text: string): unknown {
  const trimmed = text.trim();
  if (f.kind === 'tick') return trimmed === 'true';
  if (f.kind === 'lines') {
    return trimmed
      .split('\n')
      .map(l => l.trim())
      .filter(Boolean);
  }
  if (trimmed === '') return undefined;
  if (f.kind === 'number') return Number.isNaN(Number(trimmed)) ? trimmed : Number(trimmed);
  if (f.kind !== 'json') return trimmed;
  try {
    return JSON.parse(trimmed);
  } catch {
    return trimmed;
  }
}

/**
 * The object that was typed. What the schema does not know stays as it was, so
 * that a newer server's settings survive an older page.
 */
export function objectOf(
  fields: readonly SchemaField[],
  text: Readonly<Record<string, string>>,
  before: unknown = {},
): Raw {
  const known = new Set(fields.map(f => f.name));
  const kept = Object.entries(isObject(before) ? before : {}).filter(([k]) => !known.has(k));
  const now = fields
    .map(f => [f.name, value(f, text[f.name] ?? '')] as const)
    .filter(([, v]) => v !== undefined);
  return Object.fromEntries([...kept, ...now]);
}
