/**
 * A recording as it plays. Owns: where it is, how fast, what of the waiting is
 * left out. Knows neither clock nor screen: it is told how much time went by,
 * and says what is to be drawn.
 */
import type { CastEvent, Recording } from './cast';

/** Longer waits are shortened to this, when they are skipped. */
export const IDLE = 2;

export const SPEEDS = [0.5, 1, 2, 4, 8, 16] as const;

/** What is to be drawn: all of it from an empty screen, or what is new. */
export interface Draw {
  fresh: boolean;
  events: CastEvent[];
}

export class Player {
  speed = 1;
  skipIdle = true;
  private time = 0;
  private next = 0;
  /** Where the present wait began, and how much of it was waited. */
  private from = 0;
  private waited = 0;

  constructor(readonly recording: Recording) {}

  get at(): number {
    return this.time;
  }

  get over(): boolean {
    return this.next >= this.recording.events.length;
  }

  /** Lets time go by, in seconds of the reader's clock. */
  tick(passed: number): Draw {
    let left = Math.max(0, passed) * this.speed;
    const events: CastEvent[] = [];
    while (left > 0 && !this.over) {
      const event = this.recording.events[this.next];
      if (!event) break;
      const wait = event.at - this.from;
      const whole = this.skipIdle ? Math.min(wait, IDLE) : wait;
      const rest = Math.max(0, whole - this.waited);
      if (rest > left) {
        this.waited += left;
        // Within a shortened wait the recording's time runs faster.
        this.time = this.from + wait * (this.waited / whole);
        return { fresh: false, events };
      }
      left -= rest;
      this.begin(event.at);
      events.push(event);
      this.next += 1;
    }
    return { fresh: false, events };
  }

  /** Goes to a moment. */
  seek(to: number): Draw {
    const at = Math.max(0, Math.min(to, this.recording.length));
    const back = at < this.time;
    const from = back ? 0 : this.next;
    const upto = this.after(at);
    this.begin(at);
    this.next = upto;
    return { fresh: back, events: this.recording.events.slice(from, upto) };
  }

  /** Draws the present moment again, from nothing. */
  again(): Draw {
    return { fresh: true, events: this.recording.events.slice(0, this.next) };
  }

  /** A new wait begins here. */
  private begin(at: number): void {
    this.time = at;
    this.from = at;
    this.waited = 0;
  }

  /** How many events are not after `at`. */
  private after(at: number): number {
    let [low, high] = [0, this.recording.events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const event = this.recording.events[middle];
      if (event && event.at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
