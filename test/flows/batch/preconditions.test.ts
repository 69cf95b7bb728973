/**
 * The law of every verb: no write without the version or the UID that it was judged by, none at all where the
 * state forbids it, none on a dry run.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotYetError, RefusedError } from '../../../lib/core/errors.ts';
import { readPods } from '../../../lib/core/target/pod.ts';
import { FORMER_REVISION } from '../../../lib/core/target/revisions.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { forgetFormerRevision, setImages } from '../../../lib/flows/upgrade/set-image.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { rollback } from '../../../lib/flows/verbs/rollback.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { Call } from '../../fakes/api/kube.ts';
import { common, type Rehearsal, type RehearsalOptions, rehearse, zero } from '../rehearsal/rehearsal.ts';
import { withRevisions } from '../rehearsal/revisions.ts';

const whole = { ...common, ...zero };
const UPGRADE = { ...whole, images: {}, batch: 1, surge: 0, soakMs: 0, yes: true, takeOver: false, evict: false };

/** Each verb that writes, on a state in which it has something to write. */
const VERBS: Record<
  string,
  { options?: RehearsalOptions; before?: (rehearsal: Rehearsal) => Promise<unknown>; run: Run }
> = {
  drain: { run: ({ world }, more) => drain(world, { ...common, ordinals: [3], ...more }) },
  recreate: {
    before: ({ world }) => drain(world, { ...common, ordinals: [0] }),
    run: ({ world }, more) => recreate(world, { ...whole, evict: false, force: false, ...more }),
  },
  'recreate --evict': {
    before: ({ world }) => drain(world, { ...common, ordinals: [0] }),
    run: ({ world }, more) =>
      evicted(recreate(world, { ...whole, evict: true, force: false, timeoutMs: 20_000, ...more })),
  },
  advance: {
    options: { updated: [0] },
    before: ({ world }) => drain(world, { ...common, ordinals: [0] }),
    run: ({ world }, more) => advance(world, { ...common, ...more }),
  },
  surge: { run: ({ world }, more) => surge(world, { ...common, count: 1, dark: false, ...more }) },
  'surge --dark': { run: ({ world }, more) => surge(world, { ...common, count: 1, dark: true, ...more }) },
  rollback: {
    options: { updated: [0] },
    before: async (rehearsal) => withRevisions(rehearsal),
    run: ({ world }, more) => rollback(world, { ...common, ...more }),
  },
  'restore --weight': {
    options: { updated: [0] },
    before: ({ world }) => drain(world, { ...common, ordinals: [0] }),
    run: ({ world }, more) =>
      restore(world, { ...whole, ordinals: [0], weights: [1, 5], everyMs: 0, weightsOnly: false, ...more }),
  },
};
/** The rehearsal makes no new pod for one that is evicted. */
const evicted = (run: Promise<unknown>): Promise<unknown> =>
  run.catch((error: unknown) => {
    if (!(error instanceof NotYetError)) throw error;
  });

type Run = (rehearsal: Rehearsal, more?: { dryRun?: 'none' | 'client' | 'server' }) => Promise<unknown>;

async function staged(verb: string): Promise<{ rehearsal: Rehearsal; run: Run }> {
  const { options, before, run } = VERBS[verb] ?? assert.fail(verb);
  const rehearsal = rehearse(options);
  await before?.(rehearsal);
  return { rehearsal, run };
}

/** Writes on something that decides: events and leases are the program's own. */
const isChange = ({ resource, verb }: Call): boolean =>
  verb !== 'get' && verb !== 'list' && ['services', 'statefulsets', 'pods'].includes(resource);
const writesSince = ({ kube }: Rehearsal, from: number): Call[] => kube.writes.slice(from).filter(isChange);

function assertGuarded(calls: readonly Call[]): void {
  for (const { verb, resource, subresource, body } of calls) {
    const { metadata, uid, deleteOptions } = body as {
      metadata?: { resourceVersion?: string };
      uid?: string;
      deleteOptions?: { preconditions?: { uid?: string } };
    };
    const guard =
      verb === 'delete'
        ? uid
        : subresource === 'eviction'
          ? deleteOptions?.preconditions?.uid
          : metadata?.resourceVersion;
    assert.ok(guard, `${verb} ${resource} ${JSON.stringify(body)}`);
  }
}

describe('every write carries the version or the UID that it was judged by', () => {
  for (const verb of Object.keys(VERBS)) {
    it(verb, async () => {
      const { rehearsal, run } = await staged(verb);
      const from = rehearsal.kube.writes.length;
      await run(rehearsal);
      const calls = writesSince(rehearsal, from);
      assert.ok(calls.length > 0);
      assertGuarded(calls);
    });
  }
  it('upgrade with a surge, from the first write to the last', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    await upgrade(rehearsal.world, { ...UPGRADE, batch: 2, surge: 1 });
    const calls = writesSince(rehearsal, 0);
    assertGuarded(calls);
    assert.ok(calls.length > 10);
  });
  it('the new image, and the end of what was remembered for a rollback', async () => {
    const rehearsal = rehearse({ settled: true });
    const set = () => readStatefulSet(rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail());
    const first = set().updateRevision;
    const pods = readPods(rehearsal.kube.objects(PODS), set());
    await setImages(rehearsal.world, set(), pods, { nginx: 'nginx:2' });
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      Object.assign(object['status'] as object, { updateRevision: 'nginx-2' });
    });
    await setImages(rehearsal.world, set(), pods, { nginx: 'nginx:3' });
    assert.equal(set().annotations[FORMER_REVISION], first, 'the way back leads before the first of them');
    assert.equal(await forgetFormerRevision(rehearsal.world, set()), true);
    assert.equal(set().annotations[FORMER_REVISION], undefined);
    const calls = writesSince(rehearsal, 0);
    assert.equal(calls.length, 3);
    assertGuarded(calls);
  });
  it('restore --weights-only --force, over a damaged annotation', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, 'service.cloud.tencent.com/lb-rs-weight': '{' };
    });
    const from = rehearsal.kube.writes.length;
    await restore(rehearsal.world, { ...whole, weightsOnly: true, force: true });
    assert.equal(writesSince(rehearsal, from).length, 1);
    assertGuarded(writesSince(rehearsal, from));
  });
});

describe('a dry run', () => {
  for (const verb of Object.keys(VERBS)) {
    it(`of ${verb} changes nothing: --dry-run=client sends no write, --dry-run=server one that the server keeps nothing of`, async () => {
      for (const dryRun of ['client', 'server'] as const) {
        const { rehearsal, run } = await staged(verb);
        const objects = () =>
          [...rehearsal.kube.objects(SERVICES), ...rehearsal.kube.objects(STATEFUL_SETS)].map(
            ({ metadata, ...rest }) => [metadata.annotations, rest['spec']],
          );
        const before = structuredClone(objects());
        const [writes, calls] = [rehearsal.kube.writes.length, rehearsal.kube.calls.length];
        await run(rehearsal, { dryRun });
        assert.deepEqual(rehearsal.kube.writes.slice(writes), []);
        assert.deepEqual(objects(), before);
        const tried = rehearsal.kube.calls.slice(calls).filter(isChange);
        assert.equal(tried.length > 0, dryRun === 'server', 'the server is asked whether it would take it');
      }
    });
  }
});

const REFUSING: readonly [
  state: string,
  rule: string,
  verbs: readonly string[],
  change: (rehearsal: Rehearsal) => void,
][] = [
  [
    'a StatefulSet that is being deleted',
    'not-deleting',
    Object.keys(VERBS),
    ({ kube }) => {
      const set = kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail();
      kube.put({ ...set, metadata: { ...set.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    },
  ],
  [
    'RollingUpdate',
    'on-delete',
    ['drain', 'recreate', 'recreate --evict', 'advance', 'surge', 'surge --dark', 'rollback'],
    ({ kube }) =>
      void kube.edit(STATEFUL_SETS, 'nginx', (object) => {
        Object.assign(object['spec'] as object, { updateStrategy: { type: 'RollingUpdate' } });
        Object.assign(object['status'] as object, { observedGeneration: 99 });
      }),
  ],
  [
    'a Service without direct access',
    'direct-access',
    ['drain', 'advance', 'surge', 'surge --dark', 'restore --weight'],
    ({ kube }) =>
      void kube.edit(SERVICES, 'nginx', ({ metadata }) => {
        delete metadata.annotations?.['service.cloud.tencent.com/direct-access'];
      }),
  ],
  [
    'an Ingress before the same pods',
    'no-ingress',
    ['drain', 'advance'],
    ({ kube }) =>
      void kube.put({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'web', namespace: 'default' },
        spec: { defaultBackend: { service: { name: 'nginx', port: { number: 80 } } } },
      }),
  ],
  [
    'a listener that cuts connections at weight 0',
    'no-reschedule',
    ['drain', 'advance'],
    ({ balancer }) => {
      balancer.listener = { flags: ['RescheduleTargetZeroWeight'] };
    },
  ],
];

for (const [state, rule, verbs, change] of REFUSING) {
  describe(`${state} refuses, and nothing is written`, () => {
    for (const verb of [...verbs, 'upgrade']) {
      it(verb, async () => {
        const { rehearsal, run } = verb === 'upgrade' ? { rehearsal: rehearse(), run: runUpgrade } : await staged(verb);
        change(rehearsal);
        const from = rehearsal.kube.writes.length;
        await assert.rejects(
          run(rehearsal),
          (error: unknown) => error instanceof RefusedError && error.refusals.some((each) => each.rule === rule),
        );
        assert.deepEqual(rehearsal.kube.writes.slice(from).filter(isChange), []);
      });
    }
  });
}

// With an image: under RollingUpdate that write alone would replace pods.
const runUpgrade: Run = ({ world }) => upgrade(world, { ...UPGRADE, images: { nginx: 'nginx:2' } });
