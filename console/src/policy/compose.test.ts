import { describe, expect, it } from 'vitest';
import { compose, EMPTY, missing, quoted } from './compose';

describe('a policy put together by choosing', () => {
  it('reads like one that was written', () => {
    expect(
      compose({ ...EMPTY, whoName: 'engineers', reason: true, approvals: 1, hours: 4 }),
    ).toBe(`permit (
  principal in Doorward::Group::"engineers",
  action == Doorward::Action::"session:open",
  resource
)
when {
  resource.labels.contains("env=prod") &&
  context.aal >= 2 &&
  context.reason &&
  context.approvals >= 1 &&
  context has duration && context.duration <= 14400
};
`);
  });

  it('needs no condition', () => {
    const text = compose({
      ...EMPTY,
      who: 'anyone',
      what: 'anything',
      secondFactor: false,
      effect: 'forbid',
      actions: ['a', 'b'],
    });
    expect(text).toBe(`forbid (
  principal,
  action in [
    Doorward::Action::"a",
    Doorward::Action::"b"
  ],
  resource
);
`);
  });

  it('lets no name out of its quotes', () => {
    expect(quoted('x"); permit(principal,action,resource);//')).toBe(
      '"x\\"); permit(principal,action,resource);//"',
    );
    expect(quoted('a\\')).toBe('"a\\\\"');
    expect(quoted('a\nb')).toBe('"a\\u{a}b"');
  });

  it('says where from and at which time of day', () => {
    const text = (change: object) =>
      compose({ ...EMPTY, what: 'anything', secondFactor: false, ...change });
    expect(text({ networks: '10.0.0.0/8, ::1' })).toContain(
      'context has address && (context.address.isInRange(ip("10.0.0.0/8")) || ' +
        'context.address.isInRange(ip("::1")))',
    );
    expect(text({ from: '08:00', until: '18:30', device: true })).toContain(
      'context.managed_device &&\n  (context.date.toTime() >= duration("8h") && ' +
        'context.date.toTime() < duration("18h30m"))',
    );
    expect(text({ from: '22:00', until: '06:00' })).toContain('"22h") || context.date');
    expect(text({ from: '22:00' })).not.toContain('when');
  });
});

it('knows what is not chosen yet', () => {
  expect(missing(EMPTY)).toEqual(['who-group']);
  expect(missing({ ...EMPTY, whoName: 'staff' })).toEqual([]);
  expect(missing({ ...EMPTY, who: 'role', what: 'target', whatName: ' ', from: '08:00' })).toEqual([
    'who-role',
    'what',
    'times',
  ]);
  expect(missing({ ...EMPTY, who: 'anyone', what: 'anything', whatName: '' })).toEqual([]);
});
