/** One HAProxy process: started by its path on PATH, ended by its pid. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenAt } from '../../sandbox/clb/data-plane/listen.ts';
import type { SocketAddress } from '../../sandbox/clb/model.ts';
import { BACKEND, renderConfig } from './config.ts';
import { RuntimeApi } from './runtime-api.ts';

export interface Haproxy {
  readonly address: SocketAddress;
  readonly api: RuntimeApi;
  stop(): Promise<void>;
}

const START_MS = 10_000;

/** The version line of the HAProxy on PATH; throws with what to install where there is none. */
export function haproxyVersion(): string {
  const { status, stdout } = spawnSync('haproxy', ['-v'], { encoding: 'utf8' });
  if (status !== 0) throw new Error('there is no haproxy on PATH; Debian: apt-get install haproxy');
  return stdout.split('\n')[0] ?? '';
}

/** Listens at the VIP, on 127.0.0.1 with a free port where the system refuses that. Throws when HAProxy does not come up. */
export async function startHaproxy(vip: string, port: number): Promise<Haproxy> {
  const folder = await mkdtemp(join(tmpdir(), 'haproxy-'));
  const address = await placeFor(vip, port);
  const socket = join(folder, 'admin.sock');
  const config = join(folder, 'haproxy.cfg');
  await writeFile(config, renderConfig(address, socket));
  // In the foreground, so that its pid is ours to end.
  const child = spawn('haproxy', ['-db', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  const api = new RuntimeApi(socket);
  const stop = async (): Promise<void> => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await answers(api, child);
  } catch (error) {
    await stop();
    throw new Error(`haproxy did not start: ${said}`, { cause: error });
  }
  return { address, api, stop };
}

/** Where the listener can be: taken for a moment, to learn whether the system allows it. */
async function placeFor(vip: string, port: number): Promise<SocketAddress> {
  const server = createServer();
  const address = await listenAt(server, vip, port);
  await new Promise((resolve) => server.close(resolve));
  return address;
}

async function answers(api: RuntimeApi, child: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + START_MS; ; await sleep(20)) {
    try {
      await api.servers(BACKEND);
      return;
    } catch (error) {
      if (Date.now() > deadline || child.exitCode !== null) throw error;
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}
