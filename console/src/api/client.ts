/**
 * The API, typed by its own description. Owns: how an answer becomes a value or
 * a `Problem`, and what a change carries. Sessions are cookies that no script
 * can read; the browser itself says where a request comes from, and a change
 * brings the token of the session for which the page was drawn.
 */
import createClient from 'openapi-fetch';
import { Problem } from './problem';
import type { components, paths } from './schema';
import { csrfToken, ended, recognize } from './session';

export type Schemas = components['schemas'];

/**
 * Sends a change with the token. Another window may have proved again since the
 * token was learnt: then nothing was done, and it is sent once more with the new one.
 */
export async function send(request: Request): Promise<Response> {
  if (request.method === 'GET') return fetch(request);
  if (csrfToken() === undefined) await recognize();
  const again = request.clone();
  const first = await fetch(withToken(request));
  const old = first.status === 403 && (await codeOf(first.clone())) === 'csrf_token';
  return old && (await recognize()) ? fetch(withToken(again)) : first;
}

function withToken(request: Request): Request {
  request.headers.set('X-CSRF-Token', csrfToken() ?? '');
  return request;
}

async function codeOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => undefined);
  return (body as { code?: unknown } | undefined)?.code;
}

export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin', fetch: send });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The value of an answer; a refusal is thrown. */
export async function take<T>(asked: Promise<Answer<T>>): Promise<NonNullable<T>> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw Problem.offline();
  }
  if (answer.response.ok) return (answer.data ?? {}) as NonNullable<T>;
  throw refusal(answer.error, answer.response);
}

function refusal(body: unknown, response: Response): Problem {
  const problem = Problem.of(body, response.status);
  if (problem.code === 'unauthenticated') ended();
  return problem;
}

/** A stream of text; a refusal is thrown. */
export async function stream(path: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', signal: signal ?? null });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw Problem.offline();
  }
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  throw refusal(body, response);
}

/** The version that was seen: a change of something newer is refused. */
export function ifMatch(version: number): { 'If-Match': string } {
  return { 'If-Match': `"v${version}"` };
}

/** A creation that may be sent again without being done twice. */
export function once(key: string): { 'Idempotency-Key': string } {
  return { 'Idempotency-Key': key };
}
