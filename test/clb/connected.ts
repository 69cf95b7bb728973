/** connectCloud against a fake endpoint, with nothing of the machine's own configuration in it. */
import type { TestContext } from 'node:test';
import type { Cloud } from '../../lib/clb/cloud.ts';
import { type CloudFlags, connectCloud } from '../../lib/clb/connect-cloud.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeCloud, type Script } from './fake-cloud.ts';

export const SECRET = {
  id: 'AKIDabcdefghijklmnopqrstuvwxyz',
  key: 'a-secret-key-nobody-may-see',
  token: 'a-session-token',
};

export const CREDENTIALS = {
  TENCENTCLOUD_SECRET_ID: SECRET.id,
  TENCENTCLOUD_SECRET_KEY: SECRET.key,
} as const;

export interface Connected {
  server: FakeCloud;
  cloud: Cloud;
  clock: FakeClock;
  traces: string[];
}

export interface ConnectedOptions {
  env?: Record<string, string>;
  flags?: CloudFlags;
  clock?: FakeClock;
  homeDir?: string;
  systemDir?: string;
  fetchTimeoutMs?: number;
  verbosity?: number;
  tell?: (line: string) => void;
}

export async function connected(t: TestContext, script: Script, options: ConnectedOptions = {}): Promise<Connected> {
  const server = await new FakeCloud(script).start();
  t.after(() => server.stop());
  const clock = options.clock ?? new FakeClock();
  const traces: string[] = [];
  const cloud = await connectCloud({
    env: {
      ZEROLOSS_CLOUD_ENDPOINT: server.url,
      ZEROLOSS_METADATA_ENDPOINT: 'off',
      ...(options.env ?? CREDENTIALS),
    },
    flags: options.flags ?? {},
    homeDir: options.homeDir ?? '/nonexistent',
    systemDir: options.systemDir ?? '/nonexistent',
    clock,
    random: () => 0.5,
    trace: (level, line) => traces.push(`${level} ${line}`),
    ...(options.fetchTimeoutMs === undefined ? {} : { fetchTimeoutMs: options.fetchTimeoutMs }),
    ...(options.tell === undefined ? {} : { tell: options.tell }),
    ...(options.verbosity === undefined ? {} : { verbosity: options.verbosity }),
  });
  return { server, cloud, clock, traces };
}
