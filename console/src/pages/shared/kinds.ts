/** What can happen, as the record calls it, and in words. */
import type { Schemas } from '../../api/client';
import type { Words } from '../../i18n';

/** Every kind of event that the server records. */
export const KINDS = [
  'account.created',
  'account.deleted',
  'account.updated',
  'application.changed',
  'application.deleted',
  'application.opened',
  'application.refused',
  'application.registered',
  'application.secret-rotated',
  'application.tested',
  'audit.exported',
  'authenticator.enrolled',
  'authenticator.removed',
  'backup.restored',
  'backup.taken',
  'break-glass.used',
  'clock.accepted',
  'clock.put-right',
  'clock.set-back',
  'confirmation.cancelled',
  'confirmation.confirmed',
  'confirmation.refused',
  'consent.given',
  'credential.rotated',
  'credential.rotation-failed',
  'credential.rotation-started',
  'credential.set',
  'credential.tested',
  'credential.used',
  'device.forgotten',
  'device.managed',
  'device.registered',
  'device.unmanaged',
  'grant.break-glass',
  'grant.created',
  'grant.ended',
  'grant.expired',
  'grant.returned',
  'grant.reviewed',
  'grant.revoked',
  'group.created',
  'group.deleted',
  'group.member-added',
  'group.member-removed',
  'group.updated',
  'house.started',
  'identity.deleted',
  'identity.unlocked',
  'identity.updated',
  'key-ring.rotated',
  'link.created',
  'link.used',
  'notice.failed',
  'passkey.counter-regressed',
  'person.created',
  'person.disabled',
  'person.enabled',
  'policy.changed',
  'policy.created',
  'policy.deleted',
  'recording.chunk',
  'recording.closed',
  'recording.played',
  'recovery-code.used',
  'request.approved',
  'request.denied',
  'request.expired',
  'request.filed',
  'request.withdrawn',
  'role.assigned',
  'role.created',
  'role.deleted',
  'role.unassigned',
  'role.updated',
  'row.forged',
  'rows.accepted',
  'rows.adopted',
  'secret.changed',
  'secret.created',
  'secret.deleted',
  'secret.read',
  'secret.version-destroyed',
  'session.command',
  'session.end-requested',
  'session.ended',
  'session.failed',
  'session.file',
  'session.frozen',
  'session.interrupted',
  'session.message',
  'session.opened',
  'session.opening',
  'session.port-forward',
  'session.refused',
  'session.strengthened',
  'session.thawed',
  'session.watch-ended',
  'session.watched',
  'sign-in.failed',
  'sign-in.refused',
  'signing-key.created',
  'signing-key.rotated',
  'target.created',
  'target.deleted',
  'target.host-key-changed',
  'target.looked-at',
  'target.updated',
  'token-family.revoked',
  'token.issued',
  'token.revoked',
  'vault.rekeyed',
  'vault.sealed',
  'vault.share-given',
  'vault.unseal-refused',
  'vault.unseal-reset',
  'vault.unsealed',
  'webhook.changed',
  'webhook.created',
  'webhook.deleted',
  'workload.created',
  'workload.disabled',
  'workload.enabled',
] as const;

export type Kind = (typeof KINDS)[number];

type Dashed<K extends string> = K extends `${infer Noun}.${infer Verb}` ? `${Noun}-${Verb}` : never;

export function idOf<K extends Kind>(kind: K): `event-${Dashed<K>}` {
  return `event-${kind.replace('.', '-')}` as `event-${Dashed<K>}`;
}

/** In words; a kind that is newer than this page, by its code. */
export function kindText(
  words: Words,
  event: Pick<Schemas['Event'], 'activity' | 'privileged_session'>,
): string {
  const { activity, privileged_session: within } = event;
  // A sign-in and a privileged session open and end by the same names.
  if (within && activity === 'session.opened') return words.t('event-privileged-opened');
  if (within && activity === 'session.ended') return words.t('event-privileged-ended');
  const kind = KINDS.find(k => k === activity);
  return kind ? words.t(idOf(kind)) : activity;
}

const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** What it happened to: its kind, and its name where it has one. */
export function onText(
  words: Words,
  event: Pick<Schemas['Event'], 'target'> & Partial<Pick<Schemas['Event'], 'target_name'>>,
  /** The accounts of privileged sessions, by their ids. */
  accounts?: ReadonlyMap<string, string>,
): string {
  const { target, target_name: told } = event;
  if (!target) return '–';
  const kind = words.maybe(`thing-${target.kind.toLowerCase()}`) ?? target.kind;
  const name = told?.startsWith(`${target.kind} `) ? told.slice(target.kind.length + 1) : '';
  const account = target.kind === 'PrivilegedSession' ? accounts?.get(target.id) : undefined;
  // Which one matters more than that it is one.
  if (account) return `${account} · ${kind}`;
  return name === '' || name === target.id || ID.test(name) ? kind : `${kind} ${name}`;
}

/** Who did it: a sign-in that proved nothing was nobody's yet. */
export function whoText(
  words: Words,
  event: Partial<Pick<Schemas['Event'], 'actor' | 'actor_name'>>,
): string {
  if (event.actor?.who === 'nobody') return words.t('said-nobody');
  return event.actor_name ?? '–';
}

/** All of them, to choose from. */
export function kindOptions(words: Words): { value: string; label: string }[] {
  return KINDS.map(kind => ({ value: kind, label: words.t(idOf(kind)) })).sort((a, b) =>
    a.label.localeCompare(b.label, words.lang),
  );
}
