/**
 * Whether the session still stands, and the token that its changes bring. A
 * window that proves again (`/step-up`, `/sign-in`) says so to all others, so that
 * nothing typed here is lost.
 */

type Listener = () => void;

const listeners = new Set<Listener>();
const renewals = new Set<Listener>();
let over = false;

const channel =
  typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('doorward');

/** The server no longer knows this session. */
export function ended(): void {
  if (over) return;
  over = true;
  for (const l of listeners) l();
}

export function isOver(): boolean {
  return over;
}

export function onEnded(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Somebody proved again, here or in another window. */
export function onRenewed(listener: Listener): () => void {
  renewals.add(listener);
  return () => renewals.delete(listener);
}

/** Whose page this is. */
let owner: string | undefined;
let token: string | undefined;

/** What a change of this session brings, once the session is known. */
export function csrfToken(): string | undefined {
  return token;
}

/**
 * The session as it is now; gives whether the page goes on with it. It does only
 * for the same person: what is open here is not somebody else's.
 */
export function known(now: { identity: string; csrf_token?: string | null }): boolean {
  owner ??= now.identity;
  if (now.identity !== owner) {
    sessionStorage.clear();
    location.assign('/console/');
    return false;
  }
  token = now.csrf_token ?? undefined;
  return true;
}

/** Looks at the session; gives whether the page goes on with it. */
export async function recognize(): Promise<boolean> {
  const response = await fetch('/api/v1/session', { credentials: 'same-origin' }).catch(
    () => undefined,
  );
  return !!response?.ok && known(await response.json());
}

async function renewed(): Promise<void> {
  if (!(await recognize())) return;
  over = false;
  for (const l of listeners) l();
  for (const l of [...renewals]) l();
}

channel?.addEventListener('message', event => {
  if (event.data === 'renewed') renewed();
});

/** Said by the window that proved. */
export function announce(): void {
  channel?.postMessage('renewed');
}

const BACK = '/console/back';

function open(path: string): void {
  const opened = window.open(path, '_blank', 'popup,width=480,height=760');
  // Where windows are refused, this one goes and comes back.
  if (!opened) location.assign(path.replace(encodeURIComponent(BACK), encodeURIComponent(here())));
}

function here(): string {
  return location.pathname + location.search;
}

/** Signs in again beside this page. */
export function signInAgain(): void {
  open(`/sign-in?next=${encodeURIComponent(BACK)}`);
}

/** Proves again beside this page; `passkey` asks for a passkey. */
export function stepUp(passkey: boolean): void {
  open(`/step-up?next=${encodeURIComponent(BACK)}&kind=${passkey ? 'passkey' : 'any'}`);
}
