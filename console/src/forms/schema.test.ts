import { describe, expect, it } from 'vitest';
import { fieldsOf, objectOf, typedOf } from './schema';

const SSH = {
  type: 'object',
  required: ['host'],
  additionalProperties: false,
  properties: {
    port: { type: 'integer', minimum: 0, maximum: 65_535, default: 22, description: 'Its port.' },
    host: { type: 'string', description: 'The host.' },
    host_keys: { type: 'array', items: { $ref: '#/$defs/Line' }, default: [] },
    host_ca: { anyOf: [{ $ref: '#/$defs/Line' }, { type: 'null' }], description: 'The authority.' },
    sftp_root: { type: ['string', 'null'] },
    tls: { type: 'boolean', default: true },
    mode: { type: 'string', enum: ['a', 'b'] },
    more: { type: 'object', additionalProperties: true },
  },
  $defs: { Line: { type: 'string', description: 'A public key.' } },
};

describe('a form from a schema', () => {
  const fields = fieldsOf(SSH);
  const by = (name: string) => fields.find(f => f.name === name);

  it('has a field for each property, whatever its type', () => {
    expect(Object.fromEntries(fields.map(f => [f.name, f.kind]))).toEqual({
      host: 'text',
      port: 'number',
      host_keys: 'lines',
      host_ca: 'text',
      sftp_root: 'text',
      tls: 'tick',
      mode: 'choice',
      more: 'json',
    });
    expect(fields[0]).toMatchObject({ name: 'host', required: true });
    expect(by('port')).toMatchObject({ min: 0, max: 65_535, fallback: 22, required: false });
    expect(by('host_ca')?.about).toBe('The authority.');
    expect(by('mode')?.options).toEqual(['a', 'b']);
  });

  it('reads what it wrote', () => {
    const settings = {
      host: 'web-1',
      port: 2222,
      host_keys: ['ssh-ed25519 A', 'ssh-ed25519 B'],
      tls: false,
      mode: 'b',
      more: { deep: [1] },
    };
    expect(objectOf(fields, typedOf(fields, settings))).toEqual(settings);
  });

  it('shows what holds when nothing is said, and leaves out what is empty', () => {
    const shown = typedOf(fields, {});
    expect(shown).toMatchObject({ port: '22', host: '', tls: 'true', host_ca: '' });
    expect(objectOf(fields, { ...shown, host: ' web-1 ' })).toEqual({
      host: 'web-1',
      port: 22,
      host_keys: [],
      tls: true,
    });
  });

  it('keeps what it does not know, and hands on what is no number for the server to refuse', () => {
    expect(objectOf(fields, { host: 'h', port: 'x', more: '{' }, { host: 'o', later: 1 })).toEqual({
      later: 1,
      host: 'h',
      port: 'x',
      host_keys: [],
      tls: false,
      more: '{',
    });
  });

  it('makes no form of what is no object, and never turns in circles', () => {
    for (const odd of [null, 5, 'x', [], {}, { properties: 3 }]) expect(fieldsOf(odd)).toEqual([]);
    const loop = { properties: { a: { $ref: '#/$defs/A' } }, $defs: { A: { $ref: '#/$defs/A' } } };
    expect(fieldsOf(loop)[0]?.kind).toBe('json');
  });
});
