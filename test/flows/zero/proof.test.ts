/** The proof that wait-zero leaves, and what recreate makes of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError, StatusError } from '../../../lib/core/errors.ts';
import type { RecreateIntent } from '../../../lib/core/intent/intent.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { service } from '../../builders.ts';
import { FakeMonitor } from '../rehearsal/fake-monitor.ts';
import { common, deletions, FakeSource, rehearse, replacePod, zero } from '../rehearsal/rehearsal.ts';

const RS_WEIGHT = 'service.cloud.tencent.com/lb-rs-weight';
const ZERO_SEEN = 'nginx.kubectl-zeroloss/zero-seen';
const WINDOW_MS = zero.stableForMs;
/** Two and a half periods of the fake source. */
const GAP_MS = 2500;
const counting = { ...common, ...zero };

/** Ordinal 0 drained and proved to be at zero, by a source of moments. */
async function proved({ names = ['nginx'], ordinals = [0], wait = {} as object, busy = [] as number[] } = {}) {
  const rehearsal = rehearse({
    replicas: 4,
    services: names.map((name) => service({ name, selector: { app: 'nginx' } })),
  });
  const { clock, kube, source, world, report } = rehearsal;
  let aheadMs: number | undefined = 0;
  Object.assign(kube, { clockAheadMs: () => aheadMs });
  Object.assign(source, { countsBy: '', countsInside: true });
  world.machine = 'machine-1';
  /** The last writer of the weights, and when, as an API server keeps it. */
  const writtenBy = (manager: string, name = 'nginx'): void => {
    kube.edit(SERVICES, name, ({ metadata }) => {
      const fieldsV1 = { 'f:metadata': { 'f:annotations': { [`f:${RS_WEIGHT}`]: {} } } };
      metadata['managedFields'] = [
        { manager, operation: 'Update', time: new Date(clock.now()).toISOString(), fieldsV1 },
      ];
    });
  };
  for (const name of names) writtenBy('kubectl-zeroloss', name);
  for (const ordinal of busy) source.counts.set(`nginx-${ordinal}`, 1);
  await drain(world, { ...common, ordinals });
  await waitZero(world, { ...counting, leavesProof: true, ...wait });
  const written = kube.writes.length;
  report.progressLines.length = 0;
  const annotate = (text: string): void => {
    kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [RS_WEIGHT]: text };
    });
    writtenBy('kubectl-edit');
  };
  const text = (key: string, name = 'nginx') => kube.object(SERVICES, name)?.metadata.annotations?.[key] ?? '';
  /** How long it takes until the pod is deleted, in milliseconds. */
  const deletedAfter = async (more: Partial<RecreateIntent> = {}): Promise<number> => {
    const beganMs = clock.now();
    let deletedMs = Number.NaN;
    kube.beforeWrite(({ verb }) => {
      if (verb === 'delete' && Number.isNaN(deletedMs)) deletedMs = clock.now();
    });
    await recreate(world, { ...counting, evict: false, force: false, ...more });
    return deletedMs - beganMs;
  };
  const clockIs = (value: number | undefined): void => {
    aheadMs = value;
  };
  return { ...rehearsal, annotate, clockIs, deletedAfter, text, writtenBy, written };
}
type Proved = Awaited<ReturnType<typeof proved>>;

describe('recreate right after wait-zero', () => {
  it('reads each source once and deletes, instead of filling the stability window again', async () => {
    const run = await proved();
    const reads = run.source.reads;
    assert.equal(await run.deletedAfter(), 0);
    assert.ok(run.source.reads > reads, 'it has read zero itself');
    assert.match(run.report.text, /ordinal \d: going on from the readings of wait-zero/);
  });

  it('joins what is no gap, and counts again after one that is, with the reason', async () => {
    const joined = await proved();
    await joined.clock.sleep(GAP_MS);
    assert.equal(await joined.deletedAfter(), 0);
    const apart = await proved();
    await apart.clock.sleep(GAP_MS + 1);
    assert.ok((await apart.deletedAfter()) >= WINDOW_MS);
    assert.match(
      apart.report.text,
      /counting ordinal 0 for the whole 10s: its last reading is 2\.6s old, and more than 2\.5s is a gap/,
    );
  });

  it('refuses for a connection that has come since, with any proof', async () => {
    const run = await proved();
    run.source.counts.set('nginx-0', 1);
    await assert.rejects(run.deletedAfter(), RefusedError);
    assert.deepEqual(deletions(run), []);
    assert.doesNotMatch(run.report.text, /going on|counting ordinal/);
  });

  it('fills what is left of a longer stability window', async () => {
    const run = await proved();
    await run.clock.sleep(1000);
    const tookMs = await run.deletedAfter({ stableForMs: WINDOW_MS + 5000 });
    assert.ok(tookMs >= 3000 && tookMs <= 5000, `${tookMs} ms`);
  });

  it('believes it only where every Service that leads to the pod holds it', async () => {
    const both = await proved({ names: ['nginx', 'web'] });
    assert.match(both.text(ZERO_SEEN, 'web'), /"proof":/);
    assert.equal(await both.deletedAfter(), 0);
    const one = await proved({ names: ['nginx', 'web'] });
    one.kube.edit(SERVICES, 'web', ({ metadata }) => {
      const { proof: _proof, ...rest } = JSON.parse(metadata.annotations?.[ZERO_SEEN] ?? '{}');
      metadata.annotations = { ...metadata.annotations, [ZERO_SEEN]: JSON.stringify(rest) };
    });
    assert.ok((await one.deletedAfter()) >= WINDOW_MS);
  });

  it('deletes by it only the pods that were proved', async () => {
    const run = await proved({ ordinals: [0, 1], wait: { ordinals: [0] } });
    assert.equal(await run.deletedAfter({ ordinals: [0] }), 0);
    assert.ok((await run.deletedAfter({ ordinals: [1] })) >= WINDOW_MS);
    assert.match(run.report.text, /counting ordinal 1 for the whole 10s/);
  });

  it('takes with --at-zero those that wait-zero --any has found, and says why it counts the others anew', async () => {
    const run = await proved({ ordinals: [0, 1], wait: { any: true, timeoutMs: 60_000 }, busy: [1] });
    run.source.counts.set('nginx-1', 0);
    assert.equal(await run.deletedAfter({ atZero: true }), 0);
    assert.deepEqual(deletions(run), ['nginx-0']);
    assert.match(run.report.text, /ordinal 0: going on from the readings of wait-zero/);
    assert.match(run.report.text, /counting ordinal 1 for the whole 10s: wait-zero has not proved this pod/);
  });

  it('goes on from it on another machine too, with two seconds less at either end', async () => {
    const run = await proved();
    run.world.machine = 'machine-2';
    const tookMs = await run.deletedAfter();
    assert.ok(tookMs > 0 && tookMs <= 3000, `${tookMs} ms`);
    const late = await proved();
    late.world.machine = 'machine-2';
    await late.clock.sleep(GAP_MS - 1999);
    assert.ok((await late.deletedAfter()) >= WINDOW_MS);
  });
});

describe('a proof is void', () => {
  const cases: [what: string, change: (run: Proved) => unknown, because: RegExp, more?: Partial<RecreateIntent>][] = [
    [
      'once somebody else has written the weights, though they are the same again',
      (run) => {
        const before = run.text(RS_WEIGHT);
        run.annotate('{"defaultWeight":10,"groups":[]}');
        run.annotate(before);
      },
      /a weight was written since/,
    ],
    [
      'once another pod was drained',
      async (run) => {
        await drain(run.world, { ...common, ordinals: [0, 1] });
        run.writtenBy('kubectl-zeroloss');
      },
      /a weight was written since/,
      { ordinals: [0] },
    ],
    [
      'once the weight was given back and taken away',
      async (run) => {
        await restore(run.world, { ...counting, ordinals: [0], weightsOnly: true });
        run.writtenBy('kubectl-zeroloss');
        await drain(run.world, { ...common, ordinals: [0] });
        run.writtenBy('kubectl-zeroloss');
      },
      /a weight was written since/,
    ],
    ['of a pod that was replaced', (run) => replacePod(run, 'nginx-0', 'another'), /has not proved this pod/],
    [
      'of a container that was started again',
      ({ kube }) =>
        kube.edit(PODS, 'nginx-0', (pod) => {
          const [first] = (pod['status'] as { containerStatuses: Record<string, string>[] }).containerStatuses;
          if (first !== undefined) first['containerID'] = 'containerd://again';
        }),
      /a container was started again/,
    ],
    [
      'where another source counts too',
      ({ clock, world, source }) => {
        world.sources = [source, Object.assign(new FakeSource(clock, 'other'), { countsBy: '' })];
      },
      /wait-zero counted otherwise/,
    ],
    [
      'where the source counts by another parameter',
      ({ source }) => Object.assign(source, { countsBy: 'other' }),
      /wait-zero counted otherwise/,
    ],
    ['where other connections are accepted', () => undefined, /counted otherwise/, { maxConnections: 1 }],
    ['where other ports are ignored', () => undefined, /counted otherwise/, { ignoredPorts: ['metrics'] }],
    [
      'where a Service inside the cluster leads to one more port',
      ({ kube }) => {
        const ports = [{ port: 5672 }];
        kube.put(
          service({ name: 'rabbit', type: 'ClusterIP', selector: { app: 'nginx' }, directAccess: false, ports }),
        );
      },
      /backends or ports are not those/,
    ],
    ['once the clock of the machine was set', (run) => run.clockIs(5000), /clock of this machine was set/],
    ['where the API server does not say what time it is', (run) => run.clockIs(undefined), /what time it is/],
    [
      'of another format number',
      ({ kube }) =>
        kube.edit(SERVICES, 'nginx', ({ metadata }) => {
          const text = metadata.annotations?.[ZERO_SEEN]?.replace('"proof":{"format":1', '"proof":{"format":2') ?? '';
          assert.match(text, /"proof":\{"format":2/);
          metadata.annotations = { ...metadata.annotations, [ZERO_SEEN]: text };
        }),
      /format that this version cannot read/,
    ],
  ];
  for (const [what, change, because, more] of cases)
    it(what, async () => {
      const run = await proved();
      await change(run);
      const tookMs = await run.deletedAfter(more);
      assert.ok(tookMs >= WINDOW_MS, `${tookMs} ms`);
      assert.match(run.report.text, because);
    });
});

describe('a proof is left', () => {
  const proofsWritten = (calls: Proved['kube']): number =>
    calls.writes.filter(({ body }) => JSON.stringify(body ?? {}).includes('\\"proof\\":')).length;

  it('by one write for each Service, at the end of the wait', async () => {
    const run = await proved({ names: ['nginx', 'web'] });
    assert.equal(proofsWritten(run.kube), 2);
  });

  it('by no dry run, and by no source that has a memory of its own', async () => {
    const dry = await proved({ wait: { dryRun: 'client' } });
    assert.equal(proofsWritten(dry.kube), 0);
    const { kube, world, clock } = dry;
    world.sources = [new FakeMonitor(clock)];
    await waitZero(world, { ...counting, leavesProof: true, timeoutMs: 3_600_000 });
    assert.equal(proofsWritten(kube), 0);
  });

  it('by no upgrade, which goes on from its own readings', async () => {
    const { kube, world } = await proved({ wait: { dryRun: 'client' } });
    await upgrade(world, {
      ...counting,
      ...{ images: {}, batch: 1, surge: 0, soakMs: 0, yes: true, takeOver: false, evict: false },
    });
    assert.equal(proofsWritten(kube), 0);
  });

  it('although a controller writes to the Service meanwhile, and the wait ends well where it cannot be', async () => {
    const { kube, world, deletedAfter } = await proved({ wait: { dryRun: 'client' } });
    let isFirst = true;
    const meddle = (act: () => void) =>
      kube.beforeWrite(({ body }) => {
        if (isFirst && JSON.stringify(body ?? {}).includes('\\"proof\\":')) {
          isFirst = false;
          act();
        }
      });
    meddle(() =>
      kube.edit(SERVICES, 'nginx', (object: KubeObject) => {
        object['status'] = { loadBalancer: { ingress: [{ ip: '203.0.113.99' }] } };
      }),
    );
    await waitZero(world, { ...counting, leavesProof: true });
    assert.equal(await deletedAfter(), 0);
    const failing = await proved({ wait: { dryRun: 'client' } });
    failing.kube.failNext(
      { verb: 'patch', resource: 'services' },
      new StatusError(503, 'ServiceUnavailable', 'down'),
      1,
    );
    const outcome = await waitZero(failing.world, { ...counting, leavesProof: true });
    assert.equal(outcome.exitCode ?? 0, 0);
  });

  it('for restore too, which scales a surplus away without filling the stability window again', async () => {
    const run = rehearse({ replicas: 3 });
    const { clock, kube, source, world, report } = run;
    Object.assign(kube, { clockAheadMs: () => 0 });
    Object.assign(source, { countsBy: '' });
    const fieldsV1 = { 'f:metadata': { 'f:annotations': { [`f:${RS_WEIGHT}`]: {} } } };
    const ours = () =>
      kube.edit(SERVICES, 'nginx', ({ metadata }) => {
        metadata['managedFields'] = [{ manager: 'kubectl-zeroloss', time: '2026-01-01T00:00:00Z', fieldsV1 }];
      });
    ours();
    await surge(world, { ...common, count: 1, dark: false });
    await drain(world, { ...common, ordinals: [3] });
    ours();
    world.machine = 'machine-1';
    await waitZero(world, { ...counting, leavesProof: true });
    const beganMs = clock.now();
    let scaledMs = Number.NaN;
    kube.beforeWrite(({ resource, verb }) => {
      if (verb === 'patch' && resource === 'statefulsets') scaledMs = clock.now();
    });
    await restore(world, { ...counting, weightsOnly: false });
    assert.equal(scaledMs - beganMs, 0);
    assert.match(report.text, /ordinal \d: going on from the readings of wait-zero/);
  });
});
