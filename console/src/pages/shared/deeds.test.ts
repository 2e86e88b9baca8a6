import { expect, it } from 'vitest';
import type { Action } from '../../app/may';
import { drawn } from './deeds';

const may =
  (...told: Action[]) =>
  (action: Action | undefined) =>
    action !== undefined && told.includes(action);

it('draws nothing that changes anything for whoever only reads', () => {
  const auditor = may('identity:read', 'policy:read', 'audit:read', 'status:read');
  for (const deed of ['identity:disable', 'policy:write', 'grant:revoke', 'seal:manage'] as const)
    expect(drawn(auditor, deed)).toBe(false);
});

it('draws what is told, and of what is not told what somebody could who changes something', () => {
  const keeper = may('target:write');
  expect(drawn(keeper, 'target:write')).toBe(true);
  expect(drawn(keeper, 'credential:rotate')).toBe(true);
  expect(drawn(keeper, 'policy:write')).toBe(false);
});
