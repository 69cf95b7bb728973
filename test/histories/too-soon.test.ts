/** The judge of the stability window: which readings count, for whom, and from when on a pod may go. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openWire, type WireHooks } from './faults/wire.ts';
import type { Fault, FaultKind, Setting } from './history.ts';
import { type Reader, type Reading, ShownConnections, tooSoon, windowMsOf } from './invariants/too-soon.ts';
import { Balancers } from './world/clb/balancer.ts';
import { GAUGE, PATIENT_SECONDS } from './world/defaults.ts';
import { Dice } from './world/dice.ts';
import { ProcessLife } from './world/process-life.ts';
import { SimClock } from './world/sim-clock.ts';

const alice: Reader = { person: 'alice', beganMs: 0 };
const later: Reader = { person: 'alice', beganMs: 5_000 };
const bob: Reader = { person: 'bob', beganMs: 0 };

const reading = (atMs: number, open: number, source: Reading['source'] = 'pod'): Reading => ({
  ...{ podUid: 'pod', source, atMs, open },
});

describe('a reading that showed a connection', () => {
  it('counts for the run that has made it, and for the next ones of the same person alone', () => {
    const shown = new ShownConnections();
    shown.note(alice, reading(1_000, 2));
    shown.note(alice, reading(4_000, 0));
    assert.equal(shown.lastMs('pod', alice), 1_000);
    assert.equal(shown.lastMs('pod', later), 1_000);
    assert.equal(shown.lastMs('pod', bob), undefined);
    assert.equal(shown.lastMs('another UID', alice), undefined);
  });

  it('does not count for a run that was at work already', () => {
    const shown = new ShownConnections();
    shown.note(alice, reading(6_000, 1));
    assert.equal(shown.lastMs('pod', later), undefined);
  });

  it('was a probe where the same source looked again at once and saw none', () => {
    const shown = new ShownConnections();
    shown.note(alice, reading(1_000, 1));
    shown.note(alice, reading(4_000, 1));
    shown.note(alice, reading(4_200, 0, 'metrics'));
    assert.equal(shown.lastMs('pod', alice), 4_000);
    shown.note(alice, reading(4_500, 0));
    assert.equal(shown.lastMs('pod', alice), 1_000);
  });

  it('no longer counts once no Service leads to the pod', () => {
    const shown = new ShownConnections();
    shown.note(alice, reading(1_000, 1));
    shown.note(alice, { ...reading(1_000, 1), podUid: 'selected' });
    shown.forget('pod');
    assert.equal(shown.lastMs('pod', alice), undefined);
    assert.equal(shown.lastMs('selected', alice), 1_000);
  });

  it('says nothing of how long ago it was while a run is at work whose clock was set', () => {
    const shown = new ShownConnections();
    shown.note(alice, reading(1_000, 1));
    shown.untimed(2_000);
    assert.equal(shown.lastMs('pod', later), undefined);
    shown.note(alice, reading(3_000, 1));
    assert.equal(shown.lastMs('pod', later), 3_000);
  });
});

describe('a pod that goes after such a reading', () => {
  it('goes too soon within the window, and not at its end', () => {
    const at = (nowMs: number) => tooSoon('nginx-0', { shownMs: 1_000, nowMs, windowMs: 2_000 });
    assert.match(at(2_999) ?? '', /nginx-0 goes 1\.999s after .*--stable-for is 2s/);
    assert.equal(at(3_000), undefined);
    assert.equal(tooSoon('nginx-0', { shownMs: undefined, nowMs: 1_000, windowMs: 2_000 }), undefined);
  });

  it('is judged by the window that its command names, else by that of the workload, else by the usual one', () => {
    const plain = { defaults: '', sources: 'pod' } as Setting;
    const patient: Setting = { ...plain, defaults: 'patient' };
    assert.equal(windowMsOf(['recreate', 'nginx', '--stable-for', '2s'], patient), 2_000);
    assert.equal(windowMsOf(['recreate', 'nginx'], patient), 1_000 * PATIENT_SECONDS);
    assert.equal(windowMsOf(['recreate', 'nginx'], plain), 30_000);
  });
});

/** A pod with one connection, and a program that asks for it on a wire with these faults. */
async function asked(source: Reading['source'], kinds: readonly FaultKind[]): Promise<readonly Reading[]> {
  const clock = new SimClock();
  const dice = new Dice(7);
  const balancers = new Balancers({
    ...{ clock, dice, longestMs: 60_000, periodMs: 5_000, clients: 'plain', podAt: () => undefined },
  });
  balancers.arriveInside('pod', 80);
  const status = { podIP: '10.1.0.10', conditions: [{ type: 'ContainersReady', status: 'True' }] };
  const api = { get: () => ({ metadata: { uid: 'pod' }, status }), allows: () => true };
  const counted: Reading[] = [];
  const hooks: WireHooks = {
    strike: () => kinds.map((kind): Fault => ({ kind, at: 'call', nth: 1, of: undefined, size: 0 })),
    ...{ sent: () => undefined, called: () => undefined, read: () => undefined, refusingUntilMs: () => 0 },
    answer: (_sent, work) => work(),
    counted: (each) => counted.push(each),
  };
  const wire = openWire({ clock, dice, balancers, api } as never, new ProcessLife(clock), hooks);
  const url = new URL(`https://10.0.0.1/api/v1/namespaces/default/pods/nginx-0:80/proxy/${GAUGE}`);
  const question =
    source === 'pod'
      ? wire.exec('nginx-0', 'nginx', [])
      : wire.exchange({ method: 'GET', url, headers: {}, body: undefined } as never);
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  question.then(end, end);
  await clock.run(() => isOver, 600_000);
  return counted;
}

describe('an answer about the connections of a pod', () => {
  for (const source of ['pod', 'metrics'] as const)
    it(`of source ${source} is a reading once it has come in, of the moment at which it was given`, async () => {
      const [first, ...more] = await asked(source, []);
      assert.deepEqual({ ...first, atMs: 0 }, { ...reading(0, 1, source), atMs: 0 });
      assert.deepEqual(more, []);
      const [late] = await asked(source, ['api-late']);
      assert.equal(late?.atMs, first?.atMs);
    });

  for (const [source, kind] of [
    ['pod', 'exec-fails'],
    ['pod', 'exec-cut'],
    ['metrics', 'api-lost'],
    ['metrics', 'metrics-cut'],
    ['metrics', 'metrics-stale'],
    ['metrics', 'metrics-fails'],
  ] as const)
    it(`of source ${source} is no reading under ${kind}`, async () => {
      assert.deepEqual(await asked(source, [kind]), []);
    });
});
