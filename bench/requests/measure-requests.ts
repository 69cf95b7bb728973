/** Counts the requests of each verb, to the cluster and to the cloud, at several sizes: `measure-requests.ts [PODS...]` prints the table of docs/dev/scale.md. */
import { createLoadBalancer } from '../../lib/clb/clb-load-balancer.ts';
import { advance } from '../../lib/flows/verbs/advance.ts';
import { check } from '../../lib/flows/verbs/check.ts';
import { drain } from '../../lib/flows/verbs/drain.ts';
import { recreate } from '../../lib/flows/verbs/recreate.ts';
import { restore } from '../../lib/flows/verbs/restore.ts';
import { status } from '../../lib/flows/verbs/status.ts';
import { verify } from '../../lib/flows/verbs/verify.ts';
import { waitZero } from '../../lib/flows/verbs/wait-zero.ts';
import { SERVICES } from '../../lib/ports/resources.ts';
import type { World } from '../../lib/ports.ts';
import { createClbMonitor } from '../../lib/sources/clb-monitor/clb-monitor.ts';
import { common, rehearse, zero } from '../../test/flows/rehearsal/rehearsal.ts';
import { countingCloud } from './counting-cloud.ts';

export interface Measured {
  verb: string;
  pods: number;
  kube: number;
  cloud: number;
  /** On the simulated clock. */
  tookMs: number;
  /** The dearest actions: they show where the requests go. */
  most: string;
}

/** A list of more objects than this comes in pages (lib/kube/api/list-pages.ts asks for 500). */
const PAGE_SIZE = 500;
const PORTS = [80, 81, 82];

/** One upgrade's verbs on three listeners of one load balancer; a tenth of the pods is a batch. */
export async function measureRequests(pods: number): Promise<Measured[]> {
  const ports = PORTS.map((port) => ({ port, name: `p${port}`, targetPort: 80 }));
  const rehearsal = rehearse({ replicas: pods, service: { ports } });
  // As a real server does, it tells who wrote the weights: the moment of weight 0 is then kept from verb to verb.
  rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
    const fieldsV1 = { 'f:metadata': { 'f:annotations': { 'f:service.cloud.tencent.com/lb-rs-weight': {} } } };
    metadata['managedFields'] = [{ manager: 'kubectl-zeroloss', operation: 'Update', fieldsV1 }];
  });
  const { kube, clock, report } = rehearsal;
  const addresses = (ordinal: number) =>
    `10.${Math.floor(ordinal / 60_000)}.${Math.floor(ordinal / 250)}.${ordinal % 250}`;
  kube.replacement = (name) => ({ ip: addresses(pods + Number(name.split('-').at(-1))) });
  const cloud = countingCloud(rehearsal.balancer, ['lb-nginx'], clock);
  /** Each verb is a process of its own: it has kept nothing of the cloud from the one before. */
  const newWorld = (): World => ({
    ...rehearsal.world,
    balancer: createLoadBalancer(cloud, clock),
    sources: [createClbMonitor(cloud, clock)],
    report,
  });
  const batch = Math.max(1, Math.floor(pods / 10));
  const ordinals = Array.from({ length: batch }, (_, ordinal) => ordinal);
  const patient = { ...common, ...zero, stableForMs: 60_000, timeoutMs: 3_600_000 };
  const measured: Measured[] = [];
  const measure = async (verb: string, run: (world: World) => Promise<unknown>) => {
    const before = kube.calls.length;
    const beganMs = clock.now();
    cloud.calls.clear();
    await run(newWorld());
    const made = kube.calls.slice(before);
    const pages = made.filter((call) => call.verb === 'list' && call.resource === 'pods').length;
    const total = [...cloud.calls.values()].reduce((sum, count) => sum + count, 0);
    const [first, second] = [...cloud.calls].sort((a, b) => b[1] - a[1]);
    measured.push({
      verb,
      pods,
      kube: made.length + pages * (Math.ceil(pods / PAGE_SIZE) - 1),
      cloud: total,
      tookMs: clock.now() - beganMs,
      most: [first, second].flatMap((each) => (each === undefined ? [] : [`${each[0]} ${each[1]}`])).join(', '),
    });
  };
  // An upgrade does not begin on the full minute, when a period of Cloud Monitor does.
  await clock.sleep(20_000);
  await measure('check', (world) => check(world, { ...common, stableForMs: 30_000, strays: [] }));
  await measure('status', (world) => status(world, common));
  await measure('status --all-connections', (world) => status(world, { ...common, allConnections: true }));
  await measure('drain', (world) => drain(world, { ...common, ordinals }));
  await measure('wait-zero', (world) => waitZero(world, patient));
  await measure('recreate', (world) => recreate(world, { ...patient, evict: false, force: false }));
  await measure('verify', (world) => verify(world, { ...common, ordinals, forMs: 0 }));
  await measure('advance', (world) => advance(world, common));
  await measure('restore', (world) => restore(world, { ...patient, weightsOnly: false }));
  return measured;
}

/** The table of docs/dev/scale.md. */
export function tableOf(measured: readonly Measured[]): string {
  const sizes = [...new Set(measured.map(({ pods }) => pods))];
  const cell = (verb: string, pods: number): string => {
    const one = measured.find((each) => each.verb === verb && each.pods === pods);
    return one === undefined ? '' : `${one.kube} + ${one.cloud}`;
  };
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(['verb', ...sizes.map((pods) => `${pods.toLocaleString('en')} pods`)]),
    row(['---', ...sizes.map(() => '---:')]),
    ...[...new Set(measured.map(({ verb }) => verb))].map((verb) =>
      row([`\`${verb}\``, ...sizes.map((pods) => cell(verb, pods))]),
    ),
  ]
    .map((line) => `${line}\n`)
    .join('');
}
