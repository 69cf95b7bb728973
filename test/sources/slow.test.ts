import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotYetError } from '../../lib/core/errors.ts';
import { drain } from '../../lib/flows/verbs/drain.ts';
import { waitZero } from '../../lib/flows/verbs/wait-zero.ts';
import { PODS } from '../../lib/ports/resources.ts';
import type { ConnectionSource } from '../../lib/ports.ts';
import { createMetrics } from '../../lib/sources/metrics/count-metrics.ts';
import { parseMetricSelector } from '../../lib/sources/metrics/selector.ts';
import { createPodSockets } from '../../lib/sources/pod-sockets/pod-sockets.ts';
import { common, type Rehearsal, rehearse } from '../flows/rehearsal/rehearsal.ts';
import { pods } from './clb-monitor/backends.ts';
import { both, listener } from './pod-sockets/opened.ts';

/** Each over a cluster in which a call to a pod takes as long as the test says. */
const SOURCES: Record<string, (rehearsal: Rehearsal, callMs: () => number, warnings: string[]) => ConnectionSource> = {
  pod({ kube, clock }, callMs, warnings) {
    kube.exec = async () => {
      await clock.sleep(callMs());
      return both([listener]);
    };
    const warn = (line: string) => void warnings.push(line);
    return createPodSockets({ kube, clock, warn, debugImage: undefined, mayWrite: true });
  },
  metrics({ kube, clock }, callMs, warnings) {
    kube.getText = async () => {
      await clock.sleep(callMs());
      return 'conns 0\n';
    };
    const selector = parseMetricSelector('conns', 'metric');
    const warn = (line: string) => void warnings.push(line);
    return createMetrics({ kube, clock, warn, selector, port: undefined, path: '/metrics' });
  },
};

for (const [name, create] of Object.entries(SOURCES))
  describe(`source ${name}`, () => {
    async function begin(callMs: () => number, count = 1) {
      const rehearsal = rehearse({ replicas: count * 3 });
      const warnings: string[] = [];
      await drain(rehearsal.world, { ...common, ordinals: Array.from({ length: count }, (_, ordinal) => ordinal) });
      const source = create(rehearsal, callMs, warnings);
      rehearsal.world.sources = [source];
      const wait = () =>
        waitZero(rehearsal.world, { ...common, stableForMs: 60_000, maxConnections: 0, timeoutMs: 900_000 });
      return { rehearsal, warnings, source, wait };
    }
    for (const [count, callMs] of [
      [1, 7600],
      [1, 28_000],
      [30, 2600],
    ] as const)
      it(`comes to zero over ${count} pods although a call to each takes ${callMs} ms, and says that it is slow`, async () => {
        const { wait, warnings } = await begin(() => callMs, count);
        assert.equal((await wait()).exitCode, 0);
        assert.equal(warnings.length, 1);
        assert.match(warnings[0] ?? '', new RegExp(`^source ${name}: a look takes (?:8|28)s`));
      });
    it('says nothing of a cluster that is well, and keeps its pace', async () => {
      const { wait, warnings, rehearsal } = await begin(() => 900, 30);
      const beganMs = rehearsal.clock.now();
      await wait();
      assert.deepEqual(warnings, []);
      assert.ok(rehearsal.clock.now() - beganMs < 75_000);
    });
    it('that becomes slow in the middle of a wait begins its stability window anew, at its new pace', async () => {
      let slowFromMs = Number.POSITIVE_INFINITY;
      const { wait, warnings, rehearsal } = await begin(() => (rehearsal.clock.now() < slowFromMs ? 100 : 9000));
      slowFromMs = rehearsal.clock.now() + 30_000;
      await wait();
      assert.equal(warnings.length, 1);
      assert.ok(rehearsal.clock.now() >= slowFromMs + 60_000);
    });
    it('does not come to zero where looks are further apart than any pace allows', async () => {
      const { wait } = await begin(() => 80_000);
      await assert.rejects(wait(), (error) => error instanceof NotYetError && /missing in between/.test(error.message));
    });
    it('begins the next wait at its usual pace', async () => {
      let callMs = 20_000;
      const { wait, source, rehearsal } = await begin(() => callMs);
      await wait();
      callMs = 0;
      const [pod] = rehearsal.kube.objects(PODS);
      const backend = { ...pods().drained, podUid: pod?.metadata.uid ?? '' };
      assert.equal((await source.read([backend], 0))[0]?.cadence.periodMs, 20_000);
      await source.prove([backend], []);
      assert.equal((await source.read([backend], 0))[0]?.cadence.periodMs, 3000);
    });
  });
