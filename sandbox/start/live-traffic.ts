/** `sandbox up --traffic`: clients of all three kinds from the start, and a line of what they see. */
import { list, number, text } from '../../lib/core/values/read.ts';
import type { Streams } from '../../lib/output/streams.ts';
import { SERVICES } from '../../lib/ports/resources.ts';
import type { Running } from '../common/running.ts';
import { lineInPlace } from '../rehearsal/progress.ts';
import { startTraffic, type TrafficRun } from '../traffic/start-traffic.ts';
import type { RunningCluster } from './start-cluster.ts';

/** Long enough to be seen in `status` and to be waited for, short enough for a rehearsal. */
const STREAM_MS = [20_000, 40_000] as const;
const CLIENTS = { keepAliveClients: 4, streamClients: 4, streamMs: STREAM_MS };
const TICK_MS = 1_000;
/** Where the line cannot be written over, one in so many is enough. */
const QUIET_TICKS = 10;

/** Starts the clients of every port of every load balancer. They are cut by `stop`, and not waited for. */
export async function startLiveTraffic(
  cluster: RunningCluster,
  shortPerSecond: number,
  { stderr }: Streams,
): Promise<Running> {
  const doors = await doorsOf(cluster);
  const running = doors.map((door) => startTraffic({ ...door, ...CLIENTS, shortPerSecond }));
  const place = lineInPlace(stderr);
  let ticks = 0;
  let lostBefore = 0;
  const ticker = setInterval(() => {
    ticks += 1;
    const { line, lost } = describe(running);
    if (stderr.isTTY === true) place.show(line);
    else if (lost !== lostBefore || ticks % QUIET_TICKS === 0) stderr.write(`${line}\n`);
    lostBefore = lost;
  }, TICK_MS);
  return {
    stop: async () => {
      clearInterval(ticker);
      for (const traffic of running) traffic.halt();
      place.end();
    },
  };
}

function describe(running: readonly TrafficRun[]): { line: string; lost: number } {
  const reports = running.map((traffic) => traffic.snapshot());
  const sum = (of: (report: (typeof reports)[number]) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const lost = sum((report) => report.lost.length);
  const answers = `${sum((report) => report.requests)} requests answered`;
  const streams = `${sum((report) => report.streams)} long streams, ${sum((report) => report.streamsLost)} lost`;
  const connections = `${sum((report) => report.connections)} connections (${sum((report) => report.open)} open)`;
  return { line: `traffic: ${connections}, ${lost} lost; ${answers}; ${streams}`, lost };
}

async function doorsOf({ kube, clb }: RunningCluster): Promise<{ host: string; port: number }[]> {
  const { items } = await kube.list(SERVICES, { namespace: '*' });
  return items
    .filter((service) => text(service, 'spec', 'type') === 'LoadBalancer')
    .flatMap((service) => {
      const id = service.metadata.annotations?.['service.kubernetes.io/loadbalance-id'] ?? '';
      return list(service, 'spec', 'ports').flatMap((port) => clb.addressOf(id, number(port, 'port') ?? 0) ?? []);
    });
}
