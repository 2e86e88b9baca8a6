// The house that the tests meet, as whoever started it describes it in
// DOORWARD_BROWSER (JSON). Its CA comes by NODE_EXTRA_CA_CERTS.

import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const house = JSON.parse(process.env.DOORWARD_BROWSER ?? 'null');
if (!house) {
  console.error('set DOORWARD_BROWSER; `cargo test -p doorward-testsuite --test browser` does');
  process.exit(1);
}

/** What Chromium calls the server's key; it believes in that one and in no other. */
export function pinned() {
  const { publicKey } = new X509Certificate(readFileSync(house.certificate));
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('base64');
}
