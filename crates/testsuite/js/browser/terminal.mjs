// The stock client in a terminal of its own (util-linux' `script` makes one).

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './browser.mjs';
import { house } from './house.mjs';

const home = mkdtempSync(join(tmpdir(), 'doorward-browser-'));
const terminals = [];

/** Ends every client, and forgets what they knew. */
export function leave() {
  terminals.forEach((t) => t.kill());
  rmSync(home, { recursive: true });
}

export class Terminal {
  said = '';
  over = false;

  constructor(login) {
    const options = ['StrictHostKeyChecking=no', `UserKnownHostsFile=${join(home, 'known')}`, 'IdentitiesOnly=yes', 'IdentityFile=none'];
    const ssh = ['ssh', '-p', house.ssh_port, ...options.flatMap((o) => ['-o', o]), `${login}@localhost`].join(' ');
    this.child = spawn('script', ['-qfec', `stty cols 80 rows 24; exec ${ssh}`, '/dev/null'], {
      env: { PATH: process.env.PATH, HOME: home, TERM: 'xterm-256color' },
    });
    this.child.stdout.on('data', (bytes) => { this.said += bytes; });
    this.child.stderr.on('data', (bytes) => { this.said += bytes; });
    this.child.on('close', () => { this.over = true; });
    terminals.push(this);
  }

  type(text) {
    this.child.stdin.write(`${text}\r`);
  }

  says(pattern) {
    return until(`${pattern} in the terminal`, () => pattern.exec(this.said), 20).catch((error) => {
      throw new Error(`${error.message}\n${this.said}`);
    });
  }

  kill() {
    this.child.kill();
  }
}
