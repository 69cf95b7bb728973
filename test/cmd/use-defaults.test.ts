import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf, type RunOptions, runLine } from './harness.ts';

const withDefaults = (defaults: Record<string, string>, rest: RunOptions = {}): RunOptions => ({
  annotations: Object.fromEntries(
    Object.entries(defaults).map(([name, text]) => [`kubectl-zeroloss/default-${name}`, text]),
  ),
  ...rest,
});

const intentOf = async (line: string, defaults: Record<string, string>) => {
  const { calls, stderr } = await runLine(line, withDefaults(defaults));
  assert.equal(calls.length, 1, stderr);
  return calls[0]?.intent as Record<string, unknown>;
};

test('a default of the workload fills in the flag that no one typed, and a typed flag wins', async () => {
  const slow = { 'stable-for': '5m' };
  for (const line of [
    'wait-zero nginx',
    'recreate nginx',
    'scale nginx 2',
    'upgrade nginx',
    'restore nginx',
    'check nginx',
  ])
    assert.equal((await intentOf(line, slow))['stableForMs'], 300_000, line);
  assert.equal((await intentOf('wait-zero nginx --stable-for 1s', slow))['stableForMs'], 1000);
  assert.deepEqual((await intentOf('wait-zero nginx', { source: 'pod,clb' }))['sources'], ['pod', 'clb']);
  assert.deepEqual((await intentOf('upgrade nginx', { 'max-unavailable': '1' }))['maxUnavailable'], {
    kind: 'count',
    count: 1,
  });
  assert.equal((await intentOf('advance nginx', { batch: '1' }))['batch'], 1);
});

test('a way through the pods that was typed leaves no room for the other one', async () => {
  assert.equal((await intentOf('upgrade nginx --batch 2', { 'max-unavailable': '1' }))['maxUnavailable'], undefined);
  assert.equal(
    (await intentOf('advance nginx --from 0 --to 1', { 'max-unavailable': '1' }))['maxUnavailable'],
    undefined,
  );
  assert.equal((await intentOf('upgrade nginx --max-unavailable 2', { batch: '1' }))['batch'], 1);
});

test('a floor of the workload raises the built-in one and does not replace it', async () => {
  const floor = { kind: 'percent', percent: 75 };
  for (const line of ['drain nginx 0', 'advance nginx', 'scale nginx 2', 'upgrade nginx', 'plan nginx', 'check nginx'])
    assert.deepEqual((await intentOf(line, { 'min-serving': '75%' }))['minServing'], { ...floor, raises: true }, line);
  assert.deepEqual((await intentOf('drain nginx 0 --min-serving 75%', { 'min-serving': '90%' }))['minServing'], floor);
});

test('a verb that uses one says so in one line, and as data', async () => {
  const { stdout, stderr } = await runLine(
    'drain nginx 0 -o json',
    withDefaults({ 'min-serving': '75%', source: 'clb,pod' }),
  );
  assert.match(
    stderr,
    /^defaults of statefulset\/nginx \(annotations kubectl-zeroloss\/default-…\): --min-serving 75%$/m,
  );
  assert.deepEqual(JSON.parse(stdout).defaults, { 'min-serving': '75%' });
  const failed = await runLine(
    'drain nginx 0 -o json',
    withDefaults({ 'min-serving': '75%' }, { flow: () => Promise.reject(new Error('no')) }),
  );
  assert.deepEqual(JSON.parse(failed.stdout).defaults, { 'min-serving': '75%' });
  const none = await runLine('pause nginx -o json', withDefaults({ 'min-serving': '75%' }));
  assert.equal('defaults' in JSON.parse(none.stdout), false);
  assert.doesNotMatch(none.stderr, /defaults of/);
});

test('a default that no verb may use is refused before the flow, under its name and with the flag to type', async () => {
  const { code, stderr, calls } = await runLine(
    'upgrade nginx -n prod',
    withDefaults({ batch: '4', 'stable-for': 'long', yes: 'true' }),
  );
  assert.deepEqual([code, calls], [4, []]);
  assert.match(stderr, /^ {2}default-looser: annotation kubectl-zeroloss\/default-batch=4 of statefulset\/nginx /m);
  assert.match(stderr, /^ {4}to override it: --batch 4 /m);
  assert.match(stderr, /^ {2}default-value: annotation kubectl-zeroloss\/default-stable-for /m);
  assert.match(stderr, /^ {4}to fix it: kubectl -n prod annotate statefulset nginx --overwrite /m);
  assert.match(stderr, /^ {2}default-name: annotation kubectl-zeroloss\/default-yes /m);
  assert.equal((await runLine('upgrade nginx --batch 4', withDefaults({ batch: '4' }))).code, 0);
});

test('a verb is not held up by a default of a flag that it does not take', async () => {
  assert.equal((await runLine('drain nginx 0', withDefaults({ 'stable-for': 'long' }))).code, 0);
  assert.equal((await runLine('wait-zero nginx', withDefaults({ batch: '4' }))).code, 0);
});

test('the way back warns of a default that it cannot use, and for weights alone reads none', async () => {
  const bad = withDefaults({ 'stable-for': 'long' });
  const { code, stderr, calls } = await runLine('restore nginx', bad);
  assert.deepEqual([code, calls.length], [0, 1]);
  assert.match(stderr, /not used: annotation kubectl-zeroloss\/default-stable-for/);
  assert.doesNotMatch((await runLine('restore nginx --weights-only', bad)).stderr, /not used/);
});

test('a plan shows the refusal among those that its steps would meet', async () => {
  const details = {
    version: 1,
    target: { namespace: 'prod', name: 'nginx' },
    images: {},
    batches: [],
    surplus: [],
    steps: [],
  };
  const flow = () => outcomeOf({ verb: 'plan', details, refusals: [{ rule: 'floor', message: 'too few' }] });
  const { code, stdout } = await runLine('plan nginx -o json', withDefaults({ batch: '4' }, { flow }));
  assert.equal(code, 0);
  assert.deepEqual(
    (JSON.parse(stdout).refusals as { rule: string }[]).map(({ rule }) => rule),
    ['default-looser', 'floor'],
  );
});

test('a Job holds the defaults as flags, beside those that were typed', async () => {
  const job = 'plan nginx --surge 1 -o job --job-image zeroloss:v1 --job-secret key';
  const { words } = (await intentOf(job, { 'stable-for': '5m', 'min-serving': '75%' }))['job'] as { words: string[] };
  assert.deepEqual(words.toSorted(), ['--min-serving=75%', '--stable-for=5m', '--surge=1']);
});

test('a share that is one pod stays one pod, in the intent and in a Job, whatever the replicas are later', async () => {
  const intent = await intentOf('plan nginx -o job --job-image zeroloss:v1 --job-secret key', {
    'max-unavailable': '10%',
  });
  assert.deepEqual(intent['maxUnavailable'], { kind: 'count', count: 1 });
  assert.deepEqual((intent['job'] as { words: string[] }).words, ['--max-unavailable=1']);
});

test('check gets them all, judged, to list them', async () => {
  const intent = await intentOf('check nginx', { 'stable-for': '1m', batch: '4', no: 'x' });
  const { each, strangers } = intent['defaults'] as { each: { name: string; refusal?: object }[]; strangers: object[] };
  assert.deepEqual(
    each.map(({ name, refusal }) => [name, refusal === undefined]),
    [
      ['stable-for', true],
      ['batch', false],
    ],
  );
  assert.equal(strangers.length, 1);
});
