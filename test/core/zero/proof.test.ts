import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  believeProof,
  type Counting,
  type ProofClock,
  proofFor,
  proofOf,
  proofTerms,
} from '../../../lib/core/zero/proof.ts';
import type { CarriedRun } from '../../../lib/core/zero/zero-run.ts';
import type { CountedBackend } from '../../../lib/ports.ts';

const T0 = 1_700_000_040_000;
const HERE: ProofClock = { machine: 'm1', aheadMs: 0 };
const RUN: CarriedRun = { fromMs: T0, lastMs: T0 + 30_000, widestMs: 3000 };

const backend = (podUid: string, more: object = {}) =>
  ({
    ...{ pod: 'nginx-0', podUid, address: '10.0.0.1', port: 80, container: 'nginx' },
    ...{ listener: { id: 'lbl-1', protocol: 'TCP', port: 80 }, balancer: { id: 'lb-1' } },
    ...more,
  }) as unknown as CountedBackend;
const inside = (leads: readonly string[], nodeAddresses: readonly string[] = ['10.1.0.1']) =>
  backend('uid-0', { listener: { id: 'in-cluster', protocol: 'TCP', port: 9090 }, inside: { leads, nodeAddresses } });

function counting(change: Partial<Counting> = {}): Counting {
  const backends = [backend('uid-0'), backend('uid-1'), inside(['service/web (ClusterIP)'])];
  return {
    sources: [
      { name: 'clb', countsBy: undefined, backends: backends.slice(0, 2) },
      { name: 'metrics', countsBy: 'open{state="active"} 9113 /metrics', backends: backends.slice(0, 2) },
      { name: 'pod', countsBy: '', backends },
    ],
    pods: ['uid-0', 'uid-1'].map((uid) => ({ uid, containerIds: [`containerd://${uid}-a`, 'containerd://side'] })),
    maxConnections: 0,
    ignoredPorts: ['amqp', '9091'],
    ...change,
  };
}
const terms = (change: Partial<Counting> = {}) => proofTerms(counting(change));

/** As the annotation keeps it: through its text. */
const kept = (clock: ProofClock = HERE, run: CarriedRun = RUN): unknown =>
  JSON.parse(
    JSON.stringify(
      proofOf(
        terms(),
        clock,
        new Map([
          ['uid-0', run],
          ['uid-1', run],
        ]),
      ) ?? null,
    ),
  );
const believe = (proofs: readonly unknown[], now = HERE, found = terms()) => believeProof(() => proofs, found, now);

describe('the proof that wait-zero leaves', () => {
  it('is believed as it was, on the machine that made it', () => {
    const { runs, because } = believe([kept(), kept()]);
    assert.deepEqual([...runs], [...['uid-0', 'uid-1'].map((uid) => [uid, RUN])]);
    assert.equal(because.size, 0);
  });

  it('comes back to the millisecond by a clock that is as far off as it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -1000, max: 1000 }), (aheadMs, jitterMs) => {
        const now = { ...HERE, aheadMs: aheadMs + jitterMs };
        assert.deepEqual(believe([kept({ ...HERE, aheadMs })], now).runs.get('uid-0'), RUN);
      }),
    );
  });

  it('says in the API server’s time when the run began and ended', () => {
    const proof = kept({ ...HERE, aheadMs: 60_000 }) as { from: string; last: string };
    assert.equal(Date.parse(proof.from), T0 - 60_000);
    assert.equal(Date.parse(proof.last), T0 - 30_000);
  });

  it('claims for all of its pods what holds for each', () => {
    const later = { fromMs: T0 + 5000, lastMs: T0 + 29_000, widestMs: 4000 };
    const proof = proofOf(
      terms(),
      HERE,
      new Map([
        ['uid-0', RUN],
        ['uid-1', later],
      ]),
    );
    assert.deepEqual(believe([proof]).runs.get('uid-0'), later);
  });

  it('is none of pods that were not counted, nor where the API server does not say what time it is', () => {
    assert.equal(proofOf(terms(), HERE, new Map([['uid-9', RUN]])), undefined);
    assert.equal(proofOf(terms(), { ...HERE, aheadMs: undefined }, new Map([['uid-0', RUN]])), undefined);
    assert.equal(believe([kept()], { ...HERE, aheadMs: undefined }).runs.size, 0);
  });

  it('of a Service holds only for the pods that the Service leads to', () => {
    const proof = proofOf(terms(), HERE, new Map([['uid-0', RUN]])) as NonNullable<ReturnType<typeof proofOf>>;
    assert.equal(
      proofFor(proof, () => false),
      undefined,
    );
    const both = kept() as typeof proof;
    assert.deepEqual(Object.keys(proofFor(both, (uid) => uid === 'uid-1')?.pods ?? {}), ['uid-1']);
    const { runs, because } = believe([proofFor(both, (uid) => uid === 'uid-1')]);
    assert.deepEqual([...runs.keys()], ['uid-1']);
    assert.match(because.get('uid-0') ?? '', /has not proved this pod/);
  });
});

describe('no proof survives', () => {
  const metrics = (countsBy: string): Partial<Counting> => ({
    sources: counting().sources.map((source) => (source.name === 'metrics' ? { ...source, countsBy } : source)),
  });
  const pods = (backends: readonly CountedBackend[]): Partial<Counting> => ({
    sources: counting().sources.map((source) => (source.name === 'pod' ? { ...source, backends } : source)),
  });
  const mine = backend('uid-0');
  for (const [what, change, because] of [
    ['another set of sources', { sources: counting().sources.slice(1) }, /counted otherwise/],
    ['another metric', metrics('other 9113 /metrics'), /counted otherwise/],
    ['another selector of the metric', metrics('open{state="idle"} 9113 /metrics'), /counted otherwise/],
    ['another port of the metrics', metrics('open{state="active"} /metrics'), /counted otherwise/],
    ['another number of connections that is accepted', { maxConnections: 1 }, /counted otherwise/],
    ['other ignored ports', { ignoredPorts: ['amqp'] }, /counted otherwise/],
    ['another container id', { pods: [{ uid: 'uid-0', containerIds: ['containerd://b'] }] }, /container was started/],
    ['one container more', { pods: [{ uid: 'uid-0', containerIds: ['containerd://uid-0-a'] }] }, /container was/],
    ['a backend less', pods([mine]), /backends or ports/],
    ['a port more', pods([mine, inside(['service/web (ClusterIP)']), backend('uid-0', { port: 81 })]), /backends or p/],
    ['another listener', pods([backend('uid-0', { listener: { id: 'lbl-2' } })]), /backends or ports/],
    ['another load balancer', pods([backend('uid-0', { balancer: { id: 'lb-2' } })]), /backends or ports/],
    ['another address', pods([backend('uid-0', { address: '10.0.0.9' })]), /backends or ports/],
    ['another container that owns the port', pods([backend('uid-0', { container: 'side' })]), /backends or ports/],
    [
      'another Service inside the cluster that leads there',
      pods([mine, inside(['service/other'])]),
      /backends or ports/,
    ],
    ['another node', pods([mine, inside(['service/web (ClusterIP)'], ['10.1.0.2'])]), /backends or ports/],
  ] as const)
    it(what, () => {
      const found = believe([kept()], HERE, terms(change));
      assert.equal(found.runs.get('uid-0'), undefined);
      assert.match(found.because.get('uid-0') ?? '', because);
    });

  it('any change of backends, sources, their parameters, containers, accepted connections or ignored ports', () => {
    const some = <T>(...all: readonly T[]) => fc.subarray([...all]);
    const arbitrary = fc.record({
      sources: fc.subarray(['clb', 'metrics', 'pod'], { minLength: 1 }),
      metric: fc.constantFrom('open', 'open{state="active"}', 'open{state="idle"}', 'other'),
      port: fc.constantFrom('', '80', '9113'),
      path: fc.constantFrom('/metrics', '/stats'),
      maxConnections: fc.constantFrom(0, 1, 2),
      ignoredPorts: some('amqp', '9091', 'http'),
      containerIds: fc.subarray(['containerd://a', 'containerd://b', 'containerd://c'], { minLength: 1 }),
      container: fc.constantFrom('nginx', 'side', undefined),
      listener: fc.constantFrom('lbl-1', 'lbl-2'),
      balancer: fc.constantFrom('lb-1', 'lb-2'),
      address: fc.constantFrom('10.0.0.1', '10.0.0.9'),
      backendPort: fc.constantFrom(80, 81),
      leads: some('service/web (ClusterIP)', 'service/other', 'hostPort'),
      nodeAddresses: some('10.1.0.1', '10.1.0.2', 'fd00::1'),
    });
    type Drawn = typeof arbitrary extends fc.Arbitrary<infer T> ? T : never;
    const termsOf = (drawn: Drawn) => {
      const { sources, metric, port, path, maxConnections, ignoredPorts, containerIds, ...rest } = drawn;
      const listener = { id: rest.listener, protocol: 'TCP', port: 80 };
      const more = { listener, balancer: { id: rest.balancer }, address: rest.address, port: rest.backendPort };
      const container = rest.container === undefined ? {} : { container: rest.container };
      const { leads, nodeAddresses } = rest;
      const backends = [
        backend('uid-0', { ...more, container: undefined, ...container }),
        backend('uid-0', { ...more, listener: { id: 'in-cluster' }, inside: { leads, nodeAddresses } }),
      ];
      const countsBy = {
        clb: undefined,
        pod: '',
        metrics: [metric, port, path].filter((part) => part !== '').join(' '),
      };
      return proofTerms({
        sources: sources.map((name) => ({ name, countsBy: countsBy[name as keyof typeof countsBy], backends })),
        pods: [{ uid: 'uid-0', containerIds }],
        ...{ maxConnections, ignoredPorts },
      });
    };
    // Without the source of metrics its parameters are of no account.
    const meant = ({ metric, port, path, ...rest }: Drawn) =>
      JSON.stringify(rest.sources.includes('metrics') ? { ...rest, metric, port, path } : rest);
    const changed = fc.tuple(arbitrary, arbitrary).chain(([one, other]) =>
      // One field alone, or any number of them.
      fc
        .subarray(Object.keys(one) as (keyof Drawn)[], { minLength: 1 })
        .map(
          (keys) => [one, { ...one, ...Object.fromEntries(keys.map((key) => [key, other[key]])) }] as [Drawn, Drawn],
        ),
    );
    fc.assert(
      fc.property(changed, ([before, after]) => {
        const proof = proofOf(termsOf(before), HERE, new Map([['uid-0', RUN]]));
        const { runs, because } = believe([JSON.parse(JSON.stringify(proof))], HERE, termsOf(after));
        assert.equal(runs.has('uid-0'), meant(before) === meant(after));
        assert.equal(because.has('uid-0'), meant(before) !== meant(after));
      }),
      { numRuns: 1000 },
    );
  });

  it('another UID', () => {
    const sources = [{ name: 'pod', countsBy: '', backends: [backend('uid-9')] }];
    const before = proofOf(terms({ sources }), HERE, new Map([['uid-9', RUN]]));
    assert.equal(before, undefined, 'the pod is not among those of the wait');
    const found = terms({ pods: [{ uid: 'uid-9', containerIds: [] }], sources });
    assert.equal(believe([kept()], HERE, found).runs.size, 0);
  });

  it('a clock that was set by more than the second to which it is known', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1001, max: 1e9 }), fc.constantFrom(-1, 1), (byMs, sign) => {
        const { runs, because } = believe([kept()], { ...HERE, aheadMs: sign * byMs });
        assert.equal(runs.size, 0);
        assert.match(because.get('uid-0') ?? '', /clock of this machine was set/);
      }),
    );
  });

  it('the way to another machine without two seconds at either end', () => {
    for (const machine of ['m2', ''])
      assert.deepEqual(believe([kept({ ...HERE, machine })], { ...HERE, machine: 'm3' }).runs.get('uid-0'), {
        ...{ fromMs: T0 + 2000, lastMs: T0 + 28_000, widestMs: 3000 },
      });
    assert.equal(
      believe([kept({ ...HERE, machine: '' })], { ...HERE, machine: '' }).runs.get('uid-0')?.fromMs,
      T0 + 2000,
    );
    const short = kept(HERE, { ...RUN, lastMs: T0 + 3999 });
    assert.equal(believe([short], { machine: 'm2', aheadMs: 0 }).runs.size, 0);
  });

  it('another format number, with any other fields, nor a proof that lacks anything', () => {
    const whole = kept() as Record<string, unknown>;
    for (const format of [0, 2, '1', undefined]) {
      const { runs, because } = believe([{ ...whole, format }]);
      assert.equal(runs.size, 0);
      assert.match(because.get('uid-0') ?? '', /format/);
    }
    for (const key of Object.keys(whole))
      for (const odd of [undefined, null, {}, 'x'])
        if (JSON.stringify(odd) !== JSON.stringify(whole[key]) && !(key === 'rule' || key === 'machine' || odd === 'x'))
          assert.equal(believe([{ ...whole, [key]: odd }]).runs.size, 0, `${key} ${odd}`);
    fc.assert(fc.property(fc.jsonValue(), (value) => assert.equal(believe([value]).runs.size, 0)));
  });

  it('a Service that holds none, or another one', () => {
    assert.equal(believe([]).runs.size, 0);
    assert.equal(believe([kept(), undefined]).runs.size, 0);
    assert.equal(believe([kept(), kept(HERE, { ...RUN, lastMs: T0 + 29_000 })]).runs.size, 0);
  });
});
