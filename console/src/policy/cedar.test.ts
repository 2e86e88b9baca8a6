import { CompletionContext } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { complete } from './cedar';
import { ACTIONS, FACTS, ON, TYPES } from './schema';

function offered(text: string): string[] {
  const at = new CompletionContext(EditorState.create({ doc: text }), text.length, true);
  return complete(at)?.options.map(o => o.label) ?? [];
}

describe('what the schema says', () => {
  it('is all there', () => {
    expect(FACTS.get('date')).toBe('datetime');
    expect(FACTS.get('proof_age')).toBe('Long?');
    expect([...TYPES.keys()]).toEqual(expect.arrayContaining(['Account', 'Own', 'House']));
    expect(TYPES.get('Target')?.get('labels')).toBe('Set<String>');
    expect(ON.get('session:open')).toEqual(['Account']);
    expect(ACTIONS).toEqual(expect.arrayContaining(['sign-in', 'status:read', 'policy:write']));
    expect(ACTIONS.length).toBeGreaterThan(35);
  });
});

describe('completion', () => {
  it('offers the facts of a decision', () => {
    expect(offered('context.')).toEqual(expect.arrayContaining(['date', 'aal', 'managed_device']));
    expect(offered('context has pr')).toContain('proof_age');
  });

  it('offers what the resource of the named action has, and nothing else', () => {
    const head = 'permit (principal, action == Doorward::Action::"session:open", resource) when {';
    expect(offered(`${head} resource.`)).toEqual(['name', 'target', 'kind', 'labels']);
    expect(offered(`permit (principal, action, resource) when { resource.`)).toContain('owner');
    expect(
      offered(`${head} true }; forbid (principal, action, resource) when { resource.`),
    ).toContain('requester');
    expect(offered('principal.')).toEqual(['id', 'name', 'relation']);
  });

  it('offers actions and types where they stand', () => {
    expect(offered('action == Doorward::Action::"session:')).toContain('session:open');
    expect(offered('principal in Doorward::')).toEqual(expect.arrayContaining(['Group', 'Action']));
  });
});
