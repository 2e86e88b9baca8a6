// Codes of an authenticator app (RFC 6238: SHA-1, 30 seconds, 6 digits).

import { createHmac } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function decoded(seed) {
  const bits = [...seed.replace(/\s/g, '')].map((c) => ALPHABET.indexOf(c).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/** An authenticator app; it never shows the same code twice, as each is good once. */
export class App {
  #seed;
  #last = 0;

  constructor(seed) {
    this.#seed = decoded(seed);
  }

  code() {
    const now = Math.floor(Date.now() / 30_000);
    this.#last = Math.max(now, this.#last + 1);
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(this.#last));
    const tag = createHmac('sha1', this.#seed).update(counter).digest();
    const number = tag.readUInt32BE(tag.at(-1) & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  }
}
