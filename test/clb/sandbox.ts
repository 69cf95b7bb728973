/** connectCloud in front of the sandbox's cloud: real listeners, real signatures, one clock for both sides. */
import type { TestContext } from 'node:test';
import type { Cloud } from '../../lib/clb/cloud.ts';
import { connectCloud } from '../../lib/clb/connect-cloud.ts';
import { type CloudApi, type CloudApiOptions, startCloudApi } from '../../sandbox/clb/api/start-cloud-api.ts';
import { FakeClock } from '../fakes/clock.ts';
import { bindAlive, type OneListener, startBackend, startOneListener } from '../sandbox/clb/support.ts';

export const SANDBOX_REGION = 'ap-guangzhou';

export interface Sandbox {
  api: CloudApi;
  cloud: Cloud;
  clock: FakeClock;
  one: OneListener;
  /** Ports of the two backends, on 127.0.0.1; the first has weight 0. */
  drained: number;
  serving: number;
}

export interface SandboxOptions {
  env?: Record<string, string>;
  homeDir?: string;
  api?: CloudApiOptions;
  /** Short where a fault hangs on purpose; long enough for a busy machine elsewhere. */
  fetchTimeoutMs?: number;
}

/** One TCP listener with a drained and a serving backend; points come once a second of the clock. */
export async function sandboxCloud(t: TestContext, options: SandboxOptions = {}): Promise<Sandbox> {
  const clock = new FakeClock({ startMs: Math.floor(Date.now() / 1000) * 1000 });
  const one = await startOneListener(t, { now: () => clock.now(), monitorPeriodSeconds: 1 });
  const [drained, serving] = [(await startBackend(t, 'drained')).port, (await startBackend(t, 'serving')).port];
  await bindAlive(one, drained, 0);
  await bindAlive(one, serving, 10);
  const api = await startCloudApi(one.clb, options.api ?? {});
  t.after(() => api.stop());
  const { secretId, secretKey } = api.credentials;
  const cloud = await connectCloud({
    env: {
      ZEROLOSS_CLOUD_ENDPOINT: api.url,
      ZEROLOSS_METADATA_ENDPOINT: 'off',
      ...(options.env ?? { TENCENTCLOUD_SECRET_ID: secretId, TENCENTCLOUD_SECRET_KEY: secretKey }),
    },
    flags: {},
    homeDir: options.homeDir ?? '/nonexistent',
    systemDir: '/nonexistent',
    clock,
    random: () => 0.5,
    fetchTimeoutMs: options.fetchTimeoutMs ?? 3000,
  });
  return { api, cloud, clock, one, drained, serving };
}
