import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotYetError, StatusError } from '../../lib/core/errors.ts';
import { drain } from '../../lib/flows/verbs/drain.ts';
import { waitZero } from '../../lib/flows/verbs/wait-zero.ts';
import type { ConnectionSource } from '../../lib/ports.ts';
import { createMetrics } from '../../lib/sources/metrics/count-metrics.ts';
import { parseMetricSelector } from '../../lib/sources/metrics/selector.ts';
import { createPodSockets } from '../../lib/sources/pod-sockets/pod-sockets.ts';
import { type Socket, TcpState } from '../../lib/sources/pod-sockets/proc-net-tcp.ts';
import { common, type Rehearsal, rehearse, zero } from '../flows/rehearsal/rehearsal.ts';
import { listener } from './pod-sockets/opened.ts';
import { TCP, TCP6, table } from './pod-sockets/tables.ts';

const client: Socket = {
  ...listener,
  state: TcpState.established,
  localAddress: '10.0.0.10',
  remoteAddress: '203.0.113.9',
  remotePort: 40_001,
};

interface Trouble {
  failure: StatusError;
  /** Whether pod nginx-0 has a connection at this moment. */
  isHeld(nowMs: number): boolean;
}

/** Each over a cluster whose first call to pod nginx-0 fails. */
const SOURCES: Record<string, (rehearsal: Rehearsal, trouble: Trouble) => ConnectionSource> = {
  pod({ kube, clock }, { failure, isHeld }) {
    let calls = 0;
    kube.exec = async (pod) => {
      if (pod === 'nginx-0' && calls++ === 0) throw failure;
      const open = pod === 'nginx-0' && isHeld(clock.now()) ? [client] : [];
      return { stdout: table(TCP, [listener, ...open]) + table(TCP6, []), stderr: '', exitCode: 0 };
    };
    return createPodSockets({ kube, clock, warn: () => undefined, debugImage: undefined, mayWrite: true });
  },
  metrics({ kube, clock }, { failure, isHeld }) {
    let calls = 0;
    kube.getText = async (path) => {
      if (path.includes('nginx-0') && calls++ === 0) throw failure;
      return `# TYPE conns gauge\nconns ${path.includes('nginx-0') && !isHeld(clock.now()) ? 0 : 1}\n`;
    };
    const selector = parseMetricSelector('conns', 'metric');
    return {
      ...createMetrics({ kube, clock, warn: () => undefined, selector, port: undefined, path: '/metrics' }),
      asked: true,
    };
  },
};

const timedOut = new StatusError(500, 'InternalError', 'error dialing backend: dial tcp 10.0.1.1:10250: i/o timeout');

for (const [name, create] of Object.entries(SOURCES))
  describe(`a first call of source ${name} that fails for a moment`, () => {
    const begin = async (isHeld: Trouble['isHeld'] = () => false) => {
      const rehearsal = rehearse();
      await drain(rehearsal.world, { ...common, ordinals: [0] });
      rehearsal.world.sources = [rehearsal.source, create(rehearsal, { failure: timedOut, isHeld })];
      return { rehearsal, wait: () => waitZero(rehearsal.world, { ...common, ...zero }) };
    };
    it('does not leave the verdict to the other source: what it counts later is still held', async () => {
      const { wait } = await begin(() => true);
      await assert.rejects(
        wait(),
        (error) => error instanceof NotYetError && error.message.includes(`${name}: 1 connection`),
      );
    });
    it('costs the wait ten seconds, and then it counts', async () => {
      const { rehearsal, wait } = await begin();
      const outcome = await wait();
      assert.match(outcome.results[0]?.note ?? '', new RegExp(`^fake\\+${name}: 0 connections`));
      assert.match(rehearsal.report.text, new RegExp(`source ${name}: it cannot be asked now: .*i/o timeout`));
    });
  });
