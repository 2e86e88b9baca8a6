/** A question to the policies, between a form, an address and the API. */
import type { Schemas } from '../api/client';
import type { ListSearch } from '../list/state';

/** What somebody may bring. */
export const WITH = ['password', 'totp', 'passkey', 'reason', 'device', 'glass'] as const;
export type With = (typeof WITH)[number];

const FACTORS = ['password', 'totp', 'passkey'] as const;

export interface Question {
  who: string;
  action: string;
  on: string;
  with: readonly With[];
  approvals: number;
  /** How long at most; 0 when nothing was said. */
  hours: number;
}

const count = (text: string | undefined) => Math.max(0, Math.floor(Number(text) || 0));

export function question(s: ListSearch): Question {
  const given = s.with?.split(',') ?? ['password', 'totp'];
  return {
    who: s.who ?? '',
    action: s.what ?? 'session:open',
    on: s.on ?? '',
    with: WITH.filter(w => given.includes(w)),
    approvals: count(s.approvals),
    hours: count(s.hours),
  };
}

export function search(q: Question, house: boolean): ListSearch {
  return {
    who: q.who.trim() || undefined,
    what: q.action,
    on: house ? undefined : q.on.trim() || undefined,
    with: q.with.join(',') || 'nothing',
    approvals: q.approvals > 0 ? String(q.approvals) : undefined,
    hours: q.hours > 0 ? String(q.hours) : undefined,
  };
}

export function asked(q: Question): Schemas['WhyQuestion'] {
  return {
    principal: q.who,
    action: q.action as Schemas['Action'],
    resource: q.on || null,
    factors: FACTORS.filter(f => q.with.includes(f)),
    context: {
      reason: q.with.includes('reason'),
      managed_device: q.with.includes('device'),
      break_glass: q.with.includes('glass'),
      approvals: q.approvals,
      ...(q.hours > 0 ? { duration: { secs: q.hours * 3600, nanos: 0 } } : {}),
    } as Schemas['Context'],
  };
}
