import { describe, expect, it } from 'vitest';
import { cost, plain, says, statements } from './says';

const HOSTS = `
// Development; with two factors.
permit (
  principal in Doorward::Group::"engineers",
  action == Doorward::Action::"session:open",
  resource
)
when { context.aal >= 2 && resource.labels.contains("a; \\" b  // c") };
permit (principal is Doorward::Person, action == Doorward::Action::"sign-in", resource);
forbid (principal, action, resource in Doorward::Target::"web-1") unless { context.reason };
`;

const ADMIN = `permit (principal in Doorward::Role::"administrator",
  action in [Doorward::Action::"policy:write", Doorward::Action::"seal:manage"], resource)
when { context.aal >= 2 };`;

describe('what a text says', () => {
  it('is each statement, whatever stands in its strings and comments', () => {
    expect(statements(HOSTS)).toHaveLength(3);
    expect(says(HOSTS)).toEqual([
      {
        effect: 'permit',
        who: { type: 'Group', name: 'engineers' },
        actions: ['session:open'],
        on: {},
        conditions: expect.stringContaining('"a; \\" b  // c"'),
      },
      { effect: 'permit', who: { type: 'Person' }, actions: ['sign-in'], on: {}, conditions: '' },
      {
        effect: 'forbid',
        who: {},
        actions: [],
        on: { type: 'Target', name: 'web-1' },
        conditions: 'unless { context.reason }',
      },
    ]);
  });

  it('is nothing where nothing is said', () => {
    for (const odd of ['', '// permit (', 'permit', '"permit (";']) expect(says(odd)).toEqual([]);
  });

  it('does not end where a bracket is not closed', () => {
    expect(says('permit (principal, action, resource')).toHaveLength(1);
    expect(plain('a  "b  c"\n// d\n e')).toBe('a "b  c" e');
  });
});

describe('what a change may cost the reader', () => {
  it('is their right, where it comes from this policy alone or nobody knows', () => {
    expect(cost('administrators', ADMIN, '', ['administrators#1'])).toBe('loses');
    expect(cost('administrators', ADMIN, '', undefined)).toBe('loses');
    expect(cost('administrators', ADMIN, '', ['administrators#1', 'others'])).toBeUndefined();
    expect(cost('administrators', ADMIN, ADMIN.replace('>= 2', '>= 3'), ['administrators#1'])).toBe(
      'loses',
    );
  });

  it('is nothing where the statement that gives it stays', () => {
    const more = `// A word more.\n${ADMIN.replace(/\n/g, '\n\n')}\n${HOSTS}`;
    expect(cost('administrators', ADMIN, more, ['administrators'])).toBe('forbids');
    expect(cost('administrators', ADMIN, `// A word.\n${ADMIN}`, ['administrators'])).toBe(
      undefined,
    );
    expect(cost('hosts', HOSTS, '', ['administrators#1'])).toBeUndefined();
  });

  it('may be that it is forbidden', () => {
    expect(cost('x', '', 'forbid (principal, action, resource);', ['administrators'])).toBe(
      'forbids',
    );
    const only = 'forbid (principal, action == Doorward::Action::"session:open", resource);';
    expect(cost('x', '', only, ['administrators'])).toBeUndefined();
  });
});
