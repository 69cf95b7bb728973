import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotStartedError, NotYetError, RefusedError } from '../../../lib/core/errors.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { status } from '../../../lib/flows/verbs/status.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { INGRESSES, POD_DISRUPTION_BUDGETS, PODS, SERVICES } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import { annotation, common, deletions, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const perPod = (ordinal: number) =>
  service({
    name: `nginx-${ordinal}-external`,
    ports: [{ port: 9000 + ordinal, targetPort: 80 }],
    selector: { app: 'nginx', [POD_NAME]: `nginx-${ordinal}` },
  });
const external = (replicas = 4) => Array.from({ length: replicas }, (_, ordinal) => perPod(ordinal));
const label = ({ kube }: Rehearsal, ordinal: number, labels: Record<string, string | undefined>): void => {
  kube.edit(PODS, `nginx-${ordinal}`, ({ metadata }) => {
    metadata.labels = JSON.parse(JSON.stringify({ ...metadata.labels, ...labels }));
  });
};
const run = (rehearsal: Rehearsal, ordinals: number[], more: object = {}) =>
  drain(rehearsal.world, { ...common, ordinals, ...more });
const zeros = (rehearsal: Rehearsal, name: string): number[] =>
  JSON.parse(annotation(rehearsal, name) ?? '{"groups":[]}').groups.flatMap(
    (group: { statefulSets: { weights: { podIndexes: number[] }[] }[] }) =>
      group.statefulSets.flatMap(({ weights }) => weights.flatMap(({ podIndexes }) => podIndexes)),
  );

async function refusal(running: Promise<unknown>, rule: string): Promise<{ message: string; override?: string }> {
  try {
    await running;
  } catch (error) {
    assert.ok(error instanceof RefusedError, String(error));
    const found = error.refusals.find((each) => each.rule === rule);
    assert.ok(found, `${rule} among ${JSON.stringify(error.refusals)}`);
    return found;
  }
  throw new Error('it was not refused');
}

describe('a Service that selects by a label the pods get at run time', () => {
  const leader = (): Rehearsal => {
    const active = service({ name: 'active', selector: { app: 'nginx', active: 'true' } });
    const rehearsal = rehearse({ replicas: 3, services: [active] });
    for (const ordinal of [0, 1, 2]) label(rehearsal, ordinal, { active: String(ordinal === 1) });
    return rehearsal;
  };
  it('is found, and its only pod is drained only where the operator names the Service', async () => {
    const rehearsal = leader();
    const { message, override } = await refusal(run(rehearsal, [1]), 'alone');
    assert.match(message, /service\/active selects nginx-1 \(by active=true\) alone: .* until that pod is back/);
    assert.equal(override, '--allow-alone active');
    assert.deepEqual(rehearsal.kube.writes, []);
    await run(rehearsal, [1], { allowAlone: ['active'] });
    assert.deepEqual(zeros(rehearsal, 'active'), [1]);
  });
  it('does not keep the other pods from being replaced: they come up at weight 0, with any Service that selects them then', async () => {
    const rehearsal = leader();
    const { message } = await run(rehearsal, [0]);
    assert.match(
      String(message ?? ''),
      /^no Service selects nginx-0 now: no load balancer binds it, and weight 0 once one does$/,
    );
    assert.deepEqual(zeros(rehearsal, 'active'), [0]);
    await waitZero(rehearsal.world, { ...common, ...zero });
    await recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false });
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
    await refusal(advance(rehearsal.world, common), 'alone');
  });
  it('keeps a pod from being deleted that has become the leader with weight', async () => {
    const rehearsal = leader();
    await run(rehearsal, [0]);
    rehearsal.kube.edit(SERVICES, 'active', ({ metadata }) => {
      const { 'service.cloud.tencent.com/lb-rs-weight': _gone, ...others } = metadata.annotations ?? {};
      metadata.annotations = {
        ...others,
        'service.cloud.tencent.com/lb-rs-weight':
          annotation(rehearsal, 'active')?.replace('"podIndexes":[0]', '"podIndexes":[0,2]') ?? '',
      };
    });
    label(rehearsal, 1, { active: 'false' });
    label(rehearsal, 0, { active: 'true' });
    rehearsal.balancer.override.set('nginx-0', 10);
    await assert.rejects(
      waitZero(rehearsal.world, { ...common, ...zero }),
      (error) => error instanceof NotYetError && /shows nginx-0 at weight 10/.test(error.message),
    );
  });
  it('gives the weight back where no pod leads at the moment', async () => {
    const rehearsal = leader();
    await run(rehearsal, [1], { allowAlone: ['active'] });
    label(rehearsal, 1, { active: 'false' });
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: true });
    assert.equal(annotation(rehearsal, 'active'), undefined);
  });
  it('is shown by status with the pods that it selects alone', async () => {
    const { details } = await status(leader().world, common);
    assert.deepEqual(
      details.rows.map(({ backends }) => backends.length),
      [0, 1, 0],
    );
  });
});

describe('one Service per pod, and one for all', () => {
  const both = (options: object = {}) => rehearse({ replicas: 4, services: [service(), ...external()], ...options });
  it('drains a pod on every Service that selects it, and on no other', async () => {
    const rehearsal = both();
    const { message } = await refusal(run(rehearsal, [0]), 'alone');
    assert.match(
      message,
      /service\/nginx-0-external selects nginx-0 \(by statefulset\.kubernetes\.io\/pod-name=nginx-0\) alone/,
    );
    const { results } = await run(rehearsal, [0], { allowAlone: ['nginx-0-external'] });
    assert.deepEqual(
      results.map(({ object, action }) => `${object} ${action}`),
      ['service/nginx drained', 'service/nginx-0-external drained'],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((ordinal) => zeros(rehearsal, `nginx-${ordinal}-external`)),
      [[0], [], [], []],
    );
    assert.deepEqual(zeros(rehearsal, 'nginx'), [0]);
    const again = await run(rehearsal, [0]);
    assert.equal(again.changed, false, 'what is drained is not asked about again');
  });
  it('carries a batch to its end and the next one, where the cloud may not be asked by address', async () => {
    const rehearsal = both();
    Object.assign(rehearsal.balancer, { bindingsOf: undefined });
    await run(rehearsal, [0], { allowAlone: ['nginx-0-external'] });
    await waitZero(rehearsal.world, { ...common, ...zero });
    await recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false });
    await refusal(advance(rehearsal.world, common), 'alone');
    await advance(rehearsal.world, { ...common, allowAlone: ['nginx-1-external'] });
    assert.deepEqual(zeros(rehearsal, 'nginx-0-external'), []);
    assert.deepEqual(zeros(rehearsal, 'nginx-1-external'), [1]);
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false });
    for (const { metadata } of rehearsal.kube.objects(SERVICES))
      assert.deepEqual(
        Object.keys(metadata.annotations ?? {}).filter((key) => /zeroloss|rs-weight/.test(key)),
        [],
      );
  });
  it('is not at zero while the Service of the pod alone still shows weight', async () => {
    const rehearsal = both();
    await run(rehearsal, [0], { allowAlone: ['nginx-0-external'] });
    const former = annotation(rehearsal, 'nginx-0-external');
    assert.ok(former);
    rehearsal.kube.edit(SERVICES, 'nginx-0-external', ({ metadata }) => {
      const { 'service.cloud.tencent.com/lb-rs-weight': _gone, ...others } = metadata.annotations ?? {};
      metadata.annotations = others;
    });
    await refusal(recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false }), 'at-zero');
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('says in the plan which Services lead to one pod alone, and carries --allow-alone into its steps', async () => {
    const rehearsal = both();
    const wish = { ...common, images: {}, batch: 1, surge: 0, soakMs: 0, countingWords: [], stableForMs: 10_000 };
    const { refusals } = await plan(rehearsal.world, wish);
    assert.deepEqual(
      refusals.filter(({ rule }) => rule === 'alone').map(({ override }) => override),
      [0, 1, 2, 3].map((ordinal) => `--allow-alone nginx-${ordinal}-external`),
    );
    const allowAlone = [0, 1, 2, 3].map((ordinal) => `nginx-${ordinal}-external`);
    const allowed = await plan(rehearsal.world, { ...wish, allowAlone });
    assert.deepEqual(allowed.refusals, []);
    assert.match(
      allowed.results[0]?.action ?? '',
      /drain nginx 0 --skip-done --allow-alone nginx-0-external,nginx-1-external/,
    );
  });
  it('asks the person at the terminal, and writes nothing after a no', async () => {
    const rehearsal = both();
    const asked: string[] = [];
    const answering = (answer: boolean) => ({
      ...rehearsal.world,
      confirm: async (question: string) => {
        asked.push(question);
        return answer;
      },
    });
    await assert.rejects(drain(answering(false), { ...common, ordinals: [0] }), (error: unknown) => {
      assert.ok(error instanceof NotStartedError && error.exitCode === 6, String(error));
      assert.match(error.hint ?? '', /answered with y; --allow-alone nginx-0-external does not ask/);
      return true;
    });
    assert.deepEqual(rehearsal.kube.writes, []);
    await drain(answering(true), { ...common, ordinals: [0] });
    assert.equal(asked.length, 2);
    assert.match(asked[0] ?? '', /service\/nginx-0-external selects nginx-0 .* alone.* Drain anyway\?$/);
    assert.deepEqual(zeros(rehearsal, 'nginx-0-external'), [0]);
  });
  it('shows it in the question of an upgrade, and needs --allow-alone where no question is asked', async () => {
    const rehearsal = both();
    const wish = { ...common, ...zero, images: { nginx: 'nginx:1.26' }, batch: 1, surge: 0, soakMs: 0 };
    const more = { takeOver: false, evict: false };
    const { override } = await refusal(upgrade(rehearsal.world, { ...wish, ...more, yes: true }), 'alone');
    assert.equal(override, '--allow-alone nginx-0-external');
    assert.deepEqual(
      rehearsal.kube.writes.filter(({ resource }) => resource !== 'leases' && resource !== 'events'),
      [],
    );
    const asked: string[] = [];
    const world = {
      ...rehearsal.world,
      confirm: async (question: string) => {
        asked.push(question);
        return asked.length < 2;
      },
    };
    await assert.rejects(upgrade(world, { ...wish, ...more, images: {}, yes: false }), NotYetError);
    assert.match(
      asked[0] ?? '',
      /nginx-0-external selects nginx-0 .* alone: [\s\S]*and 1 more[\s\S]*Start this upgrade\?$/,
    );
    assert.match(asked[1] ?? '', /nginx-1-external selects nginx-1 .* alone: .*\. Drain ordinal 1 of statefulset/);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
  it('refuses a pod that no Service leads to, by its name', async () => {
    const rehearsal = rehearse({ replicas: 4, services: external(3) });
    const { message } = await refusal(run(rehearsal, [3]), 'service-found');
    assert.match(message, /no Service of type LoadBalancer selects nginx-3/);
  });
});

describe('a floor for the pods that a Service selects', () => {
  const roles = (): Rehearsal => {
    const readers = service({
      name: 'readers',
      selector: { app: 'nginx', role: 'reader' },
      ports: [{ port: 81, targetPort: 80 }],
    });
    const rehearsal = rehearse({ replicas: 10, services: [service(), readers] });
    for (const ordinal of [0, 1]) label(rehearsal, ordinal, { role: 'reader' });
    return rehearsal;
  };
  it('is a share of those alone, and a number that is more than all of them applies to the other Services', async () => {
    const rehearsal = roles();
    await run(rehearsal, [0], { minServing: { kind: 'count', count: 8 } });
    const { message } = await refusal(run(rehearsal, [1]), 'floor');
    assert.match(message, /service\/readers TCP\/81.*only 0 backends would keep serving, the floor is 1/);
    await run(rehearsal, [2, 3, 4]);
  });
});

describe('labels that a release changes', () => {
  it('are drained as they are now and as they will be', async () => {
    const byVersion = (version: string) =>
      service({ name: version, selector: { app: 'nginx', version }, ports: [{ port: 80 }] });
    const rehearsal = rehearse({
      replicas: 4,
      services: [byVersion('v1'), byVersion('v2')],
      set: { merge: { spec: { template: { metadata: { labels: { version: 'v2' } } } } } },
    });
    for (const ordinal of [0, 1, 2, 3]) label(rehearsal, ordinal, { version: 'v1' });
    await run(rehearsal, [0]);
    assert.deepEqual([zeros(rehearsal, 'v1'), zeros(rehearsal, 'v2')], [[0], [0]]);
    await waitZero(rehearsal.world, { ...common, ...zero });
    await recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false });
    await advance(rehearsal.world, common);
    assert.deepEqual([zeros(rehearsal, 'v1'), zeros(rehearsal, 'v2')], [[1], [1]]);
  });
});

describe('objects that select the pods by their labels', () => {
  it('is an Ingress before a Service of one pod', async () => {
    const rehearsal = rehearse({
      replicas: 4,
      services: [service(), { ...perPod(2), spec: { ...(perPod(2)['spec'] as object), type: 'ClusterIP' } }],
    });
    const backend = { service: { name: 'nginx-2-external', port: { number: 80 } } };
    rehearsal.kube.put({
      apiVersion: 'networking.k8s.io/v1',
      kind: INGRESSES.kind,
      metadata: { name: 'web', namespace: 'default' },
      spec: { defaultBackend: backend },
    });
    await refusal(run(rehearsal, [0]), 'no-ingress');
  });
  it('is a PodDisruptionBudget over a label that the pods got at run time', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    for (const ordinal of [0, 1, 2, 3]) label(rehearsal, ordinal, { tier: 'front' });
    rehearsal.kube.put({
      apiVersion: 'policy/v1',
      kind: POD_DISRUPTION_BUDGETS.kind,
      metadata: { name: 'front', namespace: 'default' },
      spec: { minAvailable: 4, selector: { matchLabels: { tier: 'front' } } },
      status: { desiredHealthy: 4 },
    });
    await refusal(run(rehearsal, [0]), 'floor');
  });
});
