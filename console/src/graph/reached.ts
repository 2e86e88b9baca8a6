import type { MessageId } from '../i18n';
import type { Tone } from '../ui/bits';
import type { How } from './layout';

/** In words, for a legend and a table; the easiest first. */
export const REACHED: Record<How, MessageId> = {
  standing: 'map-standing',
  granted: 'map-granted',
  step_up: 'map-step-up',
  request: 'map-request',
  break_glass: 'map-glass',
};

export const TONES: Record<How, Tone> = {
  standing: 'ok',
  granted: 'ok',
  step_up: 'warn',
  request: 'plain',
  break_glass: 'bad',
};
