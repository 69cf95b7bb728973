import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Finding } from '../../../lib/core/check/findings.ts';
import { rehearse } from '../rehearsal/rehearsal.ts';
import { checked } from './cases.ts';

const container = (preStop?: unknown, name = 'nginx') => ({
  name,
  image: 'nginx:1.25.3',
  ...(preStop === undefined ? {} : { lifecycle: { preStop } }),
});

/** The findings of check about the end of pods with these containers; the health check fails three times, 5 s apart. */
async function ending(containers: unknown[], graceSeconds = 30): Promise<Finding[]> {
  const spec = { terminationGracePeriodSeconds: graceSeconds, containers };
  const rehearsal = rehearse({ set: { merge: { spec: { template: { spec } } } } });
  return (await checked(rehearsal)).findings.filter(({ rule }) => rule === 'termination');
}

const levels = async (...args: Parameters<typeof ending>): Promise<string[]> =>
  (await ending(...args)).map(({ level }) => level);

describe('the end of a pod, in check', () => {
  it('is not covered by a preStop that is shorter than the load balancer takes to notice', async () => {
    const [finding] = await ending([container({ sleep: { seconds: 1 } })]);
    assert.equal(finding?.level, 'WARN');
    assert.match(finding.message, /nginx sleeps only 1s .* may take 15s \(3 health checks, one every 5s\)/);
    assert.match(String(finding.cure), /sleep 20 seconds in lifecycle\.preStop/);
  });

  it('is not covered by an exec that sleeps longer than the grace period', async () => {
    const [finding] = await ending([container({ exec: { command: ['sh', '-c', 'sleep 40'] } })]);
    assert.equal(finding?.level, 'WARN');
    assert.match(finding.message, /sleeps 40s in preStop of a terminationGracePeriodSeconds of 30s: it is killed/);
    assert.match(String(finding.cure), /"terminationGracePeriodSeconds":70/);
  });

  it('is unknown with a hook over HTTP, and the message says that the grace period is short', async () => {
    const [finding] = await ending([container({ httpGet: { path: '/stop', port: 80 } })], 6);
    assert.equal(finding?.level, 'WARN');
    assert.match(finding.message, /asks \/stop over HTTP .* unknown; .* only 6s/);
  });

  it('is judged for each container: one without a hook is not covered by the hook of another', async () => {
    const found = await ending([container({ sleep: { seconds: 20 } }), container(undefined, 'proxy')]);
    assert.deepEqual(
      found.map(({ level, message }) => [level, /container (\S+)/.exec(message)?.[1]]),
      [['WARN', 'proxy']],
    );
  });

  it('is covered where the lag ≤ sleep < grace, with any form of sleep', async () => {
    const sleeps = [
      { sleep: { seconds: 15 } },
      { exec: { command: ['/bin/bash', '-c', 'sleep 20'] } },
      { exec: { command: ['sleep', '29'] } },
    ];
    for (const preStop of sleeps) assert.deepEqual(await levels([container(preStop)]), ['OK']);
    assert.deepEqual(await levels([container({ sleep: { seconds: 14 } })]), ['WARN']);
    assert.deepEqual(await levels([container({ sleep: { seconds: 30 } })]), ['WARN']);
  });

  it('asks for both where the grace period leaves no room for the sleep', async () => {
    const [finding] = await ending([container()], 10);
    assert.match(String(finding?.cure), /sleep 20 seconds .* raise its terminationGracePeriodSeconds of 10 to 50/);
  });
});
