/**
 * Refusals of the server (RFC 9457), as errors. A page shows them at the field
 * that they name; requirements say what would turn a no into a yes.
 */

export type Requirement =
  | { kind: 'step_up' }
  | { kind: 'phishing_resistant' }
  | { kind: 'reason' }
  | { kind: 'approvals'; count: number }
  | { kind: 'max_duration'; seconds: number }
  | { kind: 'managed_device' };

/** A place in a text that does not hold. */
export interface TextProblem {
  message: string;
  line?: number;
  column?: number;
}

export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly status: number,
    readonly field?: string,
    readonly requirements: Requirement[] = [],
    readonly policies: string[] = [],
    readonly problems: TextProblem[] = [],
    readonly retryAfter?: number,
  ) {
    super(detail || title);
  }

  /** From a body that should be a problem document, whatever it is. */
  static of(body: unknown, status: number): Problem {
    const raw = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    const text = (key: string) => (typeof raw[key] === 'string' ? (raw[key] as string) : '');
    const list = <T>(key: string) => (Array.isArray(raw[key]) ? (raw[key] as T[]) : []);
    return new Problem(
      text('code') || 'unknown',
      text('title'),
      text('detail'),
      status,
      text('field') || undefined,
      list<Requirement>('requirements'),
      list<string>('policies'),
      list<TextProblem>('problems'),
      typeof raw.retry_after === 'number' ? raw.retry_after : undefined,
    );
  }

  /** The server cannot be reached. */
  static offline(): Problem {
    return new Problem('offline', '', '', 0);
  }

  /** Whether a fresh proof is all that is missing. */
  get stepUp(): boolean {
    const proof = (r: Requirement) => r.kind === 'step_up' || r.kind === 'phishing_resistant';
    return this.requirements.length > 0 && this.requirements.every(proof);
  }

  /** Whether a request for access could give it. */
  get requestable(): boolean {
    const asked = (r: Requirement) =>
      r.kind === 'reason' || r.kind === 'approvals' || r.kind === 'max_duration';
    return this.requirements.some(asked);
  }

  get phishingResistant(): boolean {
    return this.requirements.some(r => r.kind === 'phishing_resistant');
  }
}

export function problemOf(error: unknown): Problem | undefined {
  if (error === null || error === undefined) return undefined;
  if (error instanceof Problem) return error;
  return new Problem('unknown', '', error instanceof Error ? error.message : String(error), 0);
}

/** Whether the refusal is for good: the reader may not know or do this. */
export function refused(error: unknown): boolean {
  return error instanceof Problem && (error.status === 403 || error.status === 404);
}
