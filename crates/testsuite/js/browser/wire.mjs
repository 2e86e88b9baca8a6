// A wire between a browser and the house that can be cut: a proxy that tunnels
// (RFC 9110 section 9.3.6).

import { createServer } from 'node:http';
import { connect } from 'node:net';

export class Wire {
  #sockets = new Set();
  #whole = true;

  static async laid() {
    const wire = new Wire();
    const server = createServer((_, answer) => answer.writeHead(405).end());
    server.on('connect', (request, near) => wire.#tunnel(request.url, near));
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    server.unref();
    wire.address = `http://127.0.0.1:${server.address().port}`;
    return wire;
  }

  #tunnel(to, near) {
    if (!this.#whole) return near.destroy();
    const { hostname, port } = new URL(`tcp://${to}`);
    const far = connect(Number(port), hostname, () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    for (const [from, other] of [[near, far], [far, near]]) {
      this.#sockets.add(from);
      from.pipe(other);
      from.on('error', () => other.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        other.destroy();
      });
    }
    return undefined;
  }

  /** Whatever is open breaks, and nothing gets through. */
  cut() {
    this.#whole = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#whole = true;
  }
}
