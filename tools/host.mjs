// For the tests that stand in tools/: a host on a free port of loopback, and calls to it over its WebSocket.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// Starts PROGRAM; answers when it listens. `data` is kept by whoever gives it, else it goes with the host.
export async function startHost(program, { worlds, data, options = [] }) {
  const folder = mkdtempSync(join(tmpdir(), 'manyworlds-test-'));
  const ready = join(folder, 'ready');
  const child = spawn(program, ['serve', worlds, '--data', data ?? join(folder, 'data'), '--port', '0', '--ready-file', ready,
    '--qr', 'false', '--log-level', 'warning', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '', ended = false;
  child.stdout.on('data', (d) => { output += d; });
  child.stderr.on('data', (d) => { output += d; });
  const exit = new Promise((done) => child.on('exit', (code, signal) => { ended = true; done(signal ?? code); }));
  const clean = async () => { await exit; rmSync(folder, { recursive: true, force: true }); };
  for (let i = 0; !existsSync(ready) || !readFileSync(ready, 'utf8').includes('\n'); i++) {
    if (ended || i > 1200) {
      child.kill('SIGKILL');
      await clean();
      throw new Error(`the host did not start:\n${output}`);
    }
    await wait(50);
  }
  const port = Number(readFileSync(ready, 'utf8').split('\n')[0]);
  return {
    url: `http://127.0.0.1:${port}/`, port, pid: child.pid,
    operator: /#operator=([\w-]+)/.exec(readFileSync(ready, 'utf8') + output)?.[1],
    output: () => output,
    kill: async () => { child.kill('SIGKILL'); await clean(); },
    stop: async () => { child.kill('SIGTERM'); const code = await exit; await clean(); return code; },
  };
}

// JSON-RPC over /connect. A call that fails throws an error with the code; one whose link breaks throws `lost`.
export const call = {
  open: (url) => new Promise((done, fail) => {
    const socket = new WebSocket(new URL('/connect', url.replace(/^http/, 'ws')), 'manyworlds.1');
    const waiting = new Map();
    const notes = new Map();
    let next = 1;
    const lose = () => {
      fail(new Error('lost'));
      for (const { no } of waiting.values()) no(new Error('lost'));
      waiting.clear();
    };
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => done({
      call: (method, params) => new Promise((yes, no) => {
        if (socket.readyState !== WebSocket.OPEN) return no(new Error('lost'));
        waiting.set(next, { yes, no });
        socket.send(JSON.stringify({ jsonrpc: '2.0', id: next++, method, params }));
      }),
      on: (method, hear) => notes.set(method, hear),
      close: () => socket.close(),
    });
    socket.onmessage = ({ data }) => {
      if (typeof data !== 'string') return;
      const message = JSON.parse(data);
      const asked = waiting.get(message.id);
      if (!asked) return void notes.get(message.method)?.(message.params);
      waiting.delete(message.id);
      if (message.error) asked.no(Object.assign(new Error(message.error.message), { code: message.error.code }));
      else asked.yes(message.result);
    };
    socket.onerror = lose;
    socket.onclose = lose;
  }),
};
