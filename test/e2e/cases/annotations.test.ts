/** 20: texts of lb-rs-weight as people write them, each as it was after drain and restore, byte for byte. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { StatusDetails } from '../../../lib/core/status/status-view.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import type { Started } from '../stage/plugin.ts';
import { RS_WEIGHT, type Stage } from '../stage/stage.ts';
import { openWriteGate } from '../stage/trouble/write-gate.ts';
import { openCase, refused } from './case.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const KEY = '"key":{"proto":"TCP","port":1883}';
const ofWeights = (weights: string) => `{"groups":[{${KEY},"statefulSets":[{"name":"hand","weights":${weights}}]}]}`;
const TEXTS = [
  `{\n  "defaultWeight": 10,\n  "groups": [\n    {${KEY},\n     "statefulSets": [{"name": "hand", "weights": [{"weight": 50, "podIndexes": [0, 1]}]}]}\n  ]\n}\n`,
  '{"defaultWeight":0,"groups":[]}',
  '{"defaultWeight":10,"groups":[]}',
  ofWeights('[]'),
  ofWeights('[{"weight":0,"podIndexes":[]}]'),
  ofWeights('[{"weight":5,"podIndexes":[]},{"weight":0,"podIndexes":[]}]'),
  '{"defaultWeight":10,"groups":[],"revision":1.0}',
  `{"groups":[{${KEY},"note":"ours","statefulSets":[{"name":"other","weights":[{"weight":0,"podIndexes":[0]}]}]}]}`,
  '{}',
];
/** The service-controller reads them as damaged, and keeps the weights of that moment. */
const BLANK = ['', ' \n '];

async function shownWeights(stage: Stage): Promise<(number | null)[]> {
  const { details }: { details: StatusDetails } = JSON.parse((await stage.ok('status', 'hand', '-o', 'json')).stdout);
  return details.rows.flatMap(({ backends }) => backends.map(({ seenWeight }) => seenWeight));
}

test('20: every text comes back as it was', async (t) => {
  const stage = await openCase(t, cluster, '20-annotations');
  for (const text of [...TEXTS, ...BLANK]) {
    await stage.patch('hand', { metadata: { annotations: { [RS_WEIGHT]: text } } });
    await stage.until('the weights are there', async () => (await stage.run(['status', 'hand'])).code === 0);
    const before = await stage.annotations('hand');
    const drained = await stage.ok('drain', 'hand', '1', '--min-serving', '0');
    assert.match(drained.stderr, /shows weight 0 for ordinal 1/, text);
    assert.match((await stage.weights('hand')) ?? '', /"podIndexes":\[1\]/, text);
    await stage.ok('restore', 'hand');
    assert.deepEqual(await stage.annotations('hand'), before, text);
    // A blank text that came back too early would keep weight 0 there for ever.
    if (BLANK.includes(text)) assert.deepEqual(await shownWeights(stage), [10, 10]);
  }

  // A key in small letters: the controller ignores it, so nothing is written into it.
  const small = '{"groups":[{"key":{"proto":"tcp","port":1883},"statefulSets":[]}]}';
  await stage.patch('hand', { metadata: { annotations: { [RS_WEIGHT]: small } } });
  const spelling = await refused(stage, 'key-spelling', 'drain', 'hand', '1');
  assert.match(
    spelling,
    /lb-rs-weight has groups\[0\]\.key \{"proto": "tcp", "port": 1883\}: the accepted spelling is "TCP"/,
  );
  assert.match(spelling, /to fix it: kubectl .*edit service hand/);
  assert.equal(await stage.weights('hand'), small);

  // Too long to be kept beside its successor: refused in words of our own, and nothing is written.
  const others = Array.from({ length: 1500 }, (_, at) => `{"name":"${'x'.repeat(60)}${at}","weights":[]}`).join(',');
  const long = `{"groups":[{${KEY},"statefulSets":[${others}]}]}`;
  await stage.patch('hand', { metadata: { annotations: { [RS_WEIGHT]: long } } });
  const before = await stage.annotations('hand');
  const said = await refused(stage, 'annotations-fit', 'drain', 'hand', '1');
  assert.match(said, /service\/hand: .* \d{6} bytes .* 262144[\s\S]*to fix it: kubectl .*edit service hand/);
  assert.deepEqual(await stage.annotations('hand'), before);
});

test('20: a restore that is killed between the weights and the blank text is finished by the next one', async (t) => {
  const stage = await openCase(t, cluster, '20-annotations', { as: '20-killed' });
  await stage.patch('hand', { metadata: { annotations: { [RS_WEIGHT]: ' ' } } });
  const before = await stage.annotations('hand');
  await stage.ok('drain', 'hand', '1', '--min-serving', '0');
  const gate = await openWriteGate(cluster.kubeconfig);
  t.after(() => gate.close());
  let child: Started | undefined;
  gate.hook = async ({ path }, moment) => {
    if (moment !== 'after' || !path.includes('/services/')) return;
    child?.kill('SIGKILL');
    await child?.ended;
  };
  child = stage.start(['restore', 'hand', '--server', gate.url]);
  await child.ended;
  gate.hook = undefined;
  gate.sever();
  assert.equal(await stage.weights('hand'), undefined);
  assert.match((await stage.ok('status', 'hand')).stderr, /next: kubectl zeroloss restore hand/);

  const again = await stage.ok('restore', 'hand');
  assert.equal(again.stdout, 'service/hand restored (the blank annotation is back)\n');
  assert.deepEqual(await stage.annotations('hand'), before);
  assert.deepEqual(await shownWeights(stage), [10, 10]);
  assert.match((await stage.ok('restore', 'hand')).stdout, /^service\/hand already restored/);
});
