import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { pod, podsOf, service, statefulSet } from '../../builders.ts';
import { annotation, common, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

const RS_WEIGHT = 'service.cloud.tencent.com/lb-rs-weight';
const whole = { ...common, ...zero, weightsOnly: false };

const zeroFor = (ordinals: readonly number[], port = 80): string =>
  JSON.stringify({
    defaultWeight: 10,
    groups: [
      {
        key: { proto: 'TCP', port },
        statefulSets: [{ name: 'nginx', weights: [{ weight: 0, podIndexes: ordinals }] }],
      },
    ],
  });
const inner = () => service({ name: 'inner', selector: { app: 'nginx' }, ports: [{ port: 8080, targetPort: 80 }] });
const byHand = ({ kube }: Rehearsal, text: string | undefined, name = 'nginx'): void => {
  kube.edit(SERVICES, name, ({ metadata }) => {
    const { [RS_WEIGHT]: _, ...others } = metadata.annotations ?? {};
    metadata.annotations = text === undefined ? others : { ...others, [RS_WEIGHT]: text };
  });
};
/** Everything of a Service that we write. */
const written = ({ kube }: Rehearsal, name = 'nginx') =>
  Object.fromEntries(
    Object.entries(kube.object(SERVICES, name)?.metadata.annotations ?? {}).filter(([key]) =>
      /lb-rs-weight$|kubectl-zeroloss/.test(key),
    ),
  );

describe('a drain made by hand', () => {
  it('stays so, however often restore is run, and restore says how to end it', async () => {
    const rehearsal = rehearse({ service: { rsWeight: zeroFor([7]) } });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    for (let times = 0; times < 3; times++) {
      const { message } = await restore(rehearsal.world, whole);
      assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: zeroFor([7]) });
      assert.match(
        String(message ?? ''),
        /ordinal 7 stays at weight 0, drained by hand.*kubectl zeroloss restore nginx 7/,
      );
    }
    await restore(rehearsal.world, { ...whole, ordinals: [7] });
    assert.deepEqual(written(rehearsal), {});
  });
  it('stays so when the first restore was not confirmed in time and is run again', async () => {
    const rehearsal = rehearse({ service: { rsWeight: zeroFor([7]) } });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    rehearsal.balancer.asleep = true;
    await rehearsal.balancer.observe({ id: 'lb-nginx' });
    await assert.rejects(restore(rehearsal.world, whole), /load balancer does not show them/);
    rehearsal.balancer.asleep = false;
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: zeroFor([7]) });
  });
  it('on one port, or one Service, does not spread to another', async () => {
    const ports = [{ port: 80 }, { port: 443, targetPort: 80 }];
    const rehearsal = rehearse({ services: [service({ rsWeight: zeroFor([7]), ports }), inner()] });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: zeroFor([7]) });
    assert.deepEqual(written(rehearsal, 'inner'), {});
    await restore(rehearsal.world, { ...whole, ordinals: [0] });
    assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: zeroFor([7]) });
  });
});

describe('giving weight back', () => {
  it('takes no pod to 0: not on another Service, nor below a floor that it does not ask', async () => {
    const rehearsal = rehearse({ services: [service({ rsWeight: zeroFor([5, 6, 7, 8, 9]) }), inner()] });
    byHand(rehearsal, zeroFor([0, 1, 2, 3, 4], 8080), 'inner');
    await restore(rehearsal.world, { ...whole, weightsOnly: true, ordinals: [9] });
    assert.equal(annotation(rehearsal), zeroFor([5, 6, 7, 8]));
    assert.equal(annotation(rehearsal, 'inner'), zeroFor([0, 1, 2, 3, 4], 8080));
  });
  it('of a canary raises that one alone, where it is at 0 and where it is not', async () => {
    const rehearsal = rehearse({ services: [service(), inner()], updated: [0] });
    await drain(rehearsal.world, { ...common, services: ['nginx'], ordinals: [0, 1] });
    await restore(rehearsal.world, { ...whole, ordinals: [0], weights: [5], everyMs: 0 });
    const weights = [{ weight: 5, podIndexes: [0] }];
    assert.deepEqual(JSON.parse(annotation(rehearsal, 'inner') ?? '').groups[0].statefulSets, [
      { name: 'nginx', weights },
    ]);
    assert.deepEqual(JSON.parse(annotation(rehearsal) ?? '').groups[0].statefulSets[0].weights, [
      { weight: 0, podIndexes: [1] },
      ...weights,
    ]);
  });
  it('takes the entry of a port away that the Service no longer has', async () => {
    const rehearsal = rehearse({ service: { ports: [{ port: 80 }, { port: 81, targetPort: 80 }] } });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    rehearsal.kube.edit(SERVICES, 'nginx', (object) => {
      const spec = object['spec'] as { ports: unknown[] };
      spec.ports = spec.ports.slice(0, 1);
    });
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), {});
  });
  it('waits for no pod that is ending and was not drained', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    const owner = rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail();
    rehearsal.kube.put(pod({ statefulSet: owner, ordinal: 10, deletionTimestamp: '2026-01-01T00:00:00Z' }));
    rehearsal.balancer.unbound.add('nginx-10');
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), {});
    assert.equal(rehearsal.clock.now(), rehearsal.clock.startMs);
  });
});

describe('the bookkeeping of a drain that was ended by removing the annotation', () => {
  it('is not believed by the next drain: restore gives back what was there before that one', async () => {
    const rehearsal = rehearse({ service: { rsWeight: zeroFor([3]) } });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    byHand(rehearsal, undefined);
    await drain(rehearsal.world, { ...common, ordinals: [1, 3] });
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), {});
  });
  it('nor is one over an empty annotation, which says nothing', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    byHand(rehearsal, '');
    await advance(rehearsal.world, common);
    await restore(rehearsal.world, whole);
    assert.deepEqual(written(rehearsal), { [RS_WEIGHT]: '' });
  });
});

describe('weight 0 for ordinals that the StatefulSet does not have', () => {
  it('is nothing to wait for: advance passes over it and goes on', async () => {
    const rehearsal = rehearse({ replicas: 0, service: { rsWeight: zeroFor([0, 1]) } });
    const owner = statefulSet({ replicas: 4, ordinalsStart: 5, updateRevision: 'nginx-7d9b546c8f' });
    for (const object of [owner, ...podsOf(owner, (ordinal) => ({ ip: `10.0.5.${ordinal}` }))])
      rehearsal.kube.put(object);
    assert.match(String((await advance(rehearsal.world, common)).message ?? ''), /ordinal 5 next/);
  });
});

describe('the record of a drain', () => {
  it('ends with the drain, although another writer has written beside what was there before', async () => {
    const rehearsal = rehearse({ service: { rsWeight: zeroFor([20]) } });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    const document = JSON.parse(annotation(rehearsal) ?? '');
    document.groups[0].statefulSets.push({ name: 'blue', weights: [{ weight: 5, podIndexes: [1] }] });
    byHand(rehearsal, JSON.stringify(document));
    await restore(rehearsal.world, whole);
    assert.deepEqual(Object.keys(written(rehearsal)), [RS_WEIGHT]);
    assert.deepEqual(
      JSON.parse(annotation(rehearsal) ?? '').groups[0].statefulSets.map(({ name }: { name: string }) => name),
      ['nginx', 'blue'],
    );
    const writes = rehearsal.kube.writes.length;
    await restore(rehearsal.world, whole);
    assert.equal(rehearsal.kube.writes.length, writes);
  });
});

describe('a Service that selects the pods no longer', () => {
  const turnedAway = async (): Promise<Rehearsal> => {
    const rehearsal = rehearse({ services: [service(), inner()] });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    rehearsal.kube.edit(SERVICES, 'inner', (object) => {
      object['spec'] = { ...(object['spec'] as object), selector: { app: 'green' } };
    });
    return rehearsal;
  };
  it('is named with the weight 0 that it holds, and with what ends it, by every verb', async () => {
    const rehearsal = await turnedAway();
    await drain(rehearsal.world, { ...common, ordinals: [1] });
    assert.match(
      rehearsal.report.text,
      /service\/inner no longer selects the pods .* weight 0 for ordinal 0 of it\nkubectl zeroloss restore nginx --weights-only --service inner /,
    );
    assert.match(annotation(rehearsal, 'inner') ?? '', /"podIndexes":\[0\]/, 'a drain leaves it as it is');
  });
  it('is given back by restore, by name and with the others', async () => {
    for (const intent of [
      whole,
      { ...whole, weightsOnly: true },
      { ...whole, weightsOnly: true, services: ['inner'] },
    ]) {
      const rehearsal = await turnedAway();
      await restore(rehearsal.world, intent);
      assert.equal(annotation(rehearsal, 'inner'), undefined, JSON.stringify(intent));
      assert.equal(annotation(rehearsal, 'inner', 'nginx.kubectl-zeroloss/former-lb-rs-weight'), undefined);
    }
  });
  it('is given back by restore where no Service selects the pods any more, and by number where nothing is kept', async () => {
    const rehearsal = rehearse({ service: { rsWeight: zeroFor([0]) } });
    rehearsal.kube.edit(SERVICES, 'nginx', (object) => {
      object['spec'] = { ...(object['spec'] as object), selector: { app: 'green' } };
    });
    await restore(rehearsal.world, { ...whole, ordinals: [0], weightsOnly: true });
    assert.equal(annotation(rehearsal)?.includes('"weight":0') ?? false, false);
  });
});

describe('two StatefulSets behind one Service', () => {
  const both = (rsWeight?: string): Rehearsal => {
    const rehearsal = rehearse({ service: rsWeight === undefined ? {} : { rsWeight }, updated: [0] });
    const labels = { app: 'nginx', color: 'blue' };
    const merge = { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } };
    const blue = statefulSet({ name: 'blue', replicas: 4, merge });
    for (const object of [blue, ...podsOf(blue, (ordinal) => ({ ip: `10.9.0.${10 + ordinal}` }))])
      rehearsal.kube.put(object);
    return rehearsal;
  };
  const blue = { ...common, name: 'blue' };
  const weighed = JSON.stringify({
    defaultWeight: 10,
    groups: [
      {
        key: { proto: 'TCP', port: 80 },
        statefulSets: [
          {
            name: 'blue',
            weights: [
              { weight: 50, podIndexes: [0, 1] },
              { weight: 20, podIndexes: [2] },
            ],
          },
        ],
      },
    ],
  });
  const weightsOf = (rehearsal: Rehearsal, name: string) =>
    JSON.parse(annotation(rehearsal) ?? '{"groups":[{"statefulSets":[]}]}').groups[0].statefulSets.find(
      (each: { name: string }) => each.name === name,
    )?.weights;

  it('are drained and given back each by itself, in any order', async () => {
    const rehearsal = both(weighed);
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await drain(rehearsal.world, { ...blue, ordinals: [0] });
    await restore(rehearsal.world, whole);
    assert.equal(weightsOf(rehearsal, 'nginx'), undefined);
    assert.deepEqual(weightsOf(rehearsal, 'blue').at(-1), { weight: 0, podIndexes: [0] });
    await drain(rehearsal.world, { ...blue, ordinals: [1] });
    await restore(rehearsal.world, { ...whole, name: 'blue' });
    const weights = new Map(
      weightsOf(rehearsal, 'blue').flatMap(({ weight, podIndexes }: { weight: number; podIndexes: number[] }) =>
        podIndexes.map((ordinal): [number, number] => [ordinal, weight]),
      ),
    );
    assert.deepEqual(
      [0, 1, 2].map((ordinal) => weights.get(ordinal)),
      [50, 50, 20],
    );
  });
  it('never have the drain of one recorded as what the other gives back', async () => {
    const rehearsal = both();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await drain(rehearsal.world, { ...blue, ordinals: [0] });
    await restore(rehearsal.world, whole);
    await drain(rehearsal.world, { ...common, ordinals: [3] });
    await restore(rehearsal.world, { ...whole, name: 'blue' });
    await restore(rehearsal.world, whole);
    assert.equal(weightsOf(rehearsal, 'nginx'), undefined);
    assert.equal(weightsOf(rehearsal, 'blue'), undefined);
  });
  it('have each its own canaries', async () => {
    const rehearsal = both();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await restore(rehearsal.world, { ...whole, ordinals: [0], weights: [5], everyMs: 0 });
    await drain(rehearsal.world, { ...blue, ordinals: [0] });
    assert.deepEqual(weightsOf(rehearsal, 'nginx'), [{ weight: 5, podIndexes: [0] }]);
    await restore(rehearsal.world, whole);
    assert.equal(weightsOf(rehearsal, 'nginx'), undefined);
    assert.deepEqual(weightsOf(rehearsal, 'blue'), [{ weight: 0, podIndexes: [0] }]);
  });
  it('are not fixed by putting back the text of one: the other’s drained pods would get traffic', async () => {
    const rehearsal = both();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await drain(rehearsal.world, { ...blue, ordinals: [0, 1] });
    const damaged = `${annotation(rehearsal)}}`;
    byHand(rehearsal, damaged);
    await assert.rejects(
      restore(rehearsal.world, { ...whole, weightsOnly: true, force: true }),
      /statefulset\/blue may have drained pods there too/,
    );
    assert.equal(annotation(rehearsal), damaged);
  });
  it('of which one was deleted: what to type takes its weights alone away', async () => {
    const rehearsal = both();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await drain(rehearsal.world, { ...blue, ordinals: [0, 1] });
    rehearsal.kube.remove(STATEFUL_SETS, 'nginx');
    for (const { metadata } of rehearsal.kube.objects(PODS).filter((each) => each.metadata.name.startsWith('nginx-')))
      rehearsal.kube.remove(PODS, metadata.name);
    await assert.rejects(restore(rehearsal.world, whole), (error: { hint?: string }) => {
      const [, text] =
        /--overwrite '[^=]+=(\{.*\})' nginx\.kubectl-zeroloss\/former-lb-rs-weight-/.exec(error.hint ?? '') ?? [];
      const [group] = JSON.parse(text ?? '{}').groups;
      assert.deepEqual(group.statefulSets, [{ name: 'blue', weights: [{ weight: 0, podIndexes: [0, 1] }] }]);
      return true;
    });
  });
});
