/** One line of time out of what was typed and what others did meanwhile. */
import type { Schemas } from '../../api/client';
import type { Order } from './orders';

export type Step =
  | { at: number; key: string; command: Schemas['Command'] }
  | { at: number; key: string; order: Order };

/** Seconds into the session. */
export function into(started: string, at: string): number {
  return Math.max(0, (new Date(at).getTime() - new Date(started).getTime()) / 1000);
}

/**
 * In the order of time. While there are more commands than are loaded (`more`),
 * what others did after the last of them waits for its place.
 */
export function timeline(
  started: string,
  commands: readonly Schemas['Command'][],
  orders: readonly Order[],
  more: boolean,
): Step[] {
  const typed = commands.map(command => ({
    at: into(started, command.at),
    key: `command-${command.number}`,
    command,
  }));
  const last = more ? (typed.at(-1)?.at ?? 0) : Number.POSITIVE_INFINITY;
  const done = orders
    .map(order => ({ at: into(started, order.at), key: `order-${order.number}`, order }))
    .filter(step => step.at <= last);
  return [...typed, ...done].sort((a, b) => a.at - b.at);
}
