import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotYetError } from '../../../lib/core/errors.ts';
import { keepLooking, type Wait, type WaitLook, waitUntil } from '../../../lib/flows/guard/wait-until.ts';
import { gatherObserved } from '../../../lib/flows/target/gather-observed.ts';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { common, rehearse } from '../rehearsal/rehearsal.ts';

const wait = ({ world }: ReturnType<typeof rehearse>, options: Partial<Wait<string>> & Pick<Wait<string>, 'look'>) =>
  waitUntil(world, { deadlineMs: Number.POSITIVE_INFINITY, paceMs: 500, ...options });

const missing = (what: string): WaitLook<string> => ({
  waiting: `waiting: ${what}`,
  timeOut: () => new NotYetError(`no ${what}`),
});

/** Missing `what` until so many milliseconds have passed. */
const until = ({ clock }: ReturnType<typeof rehearse>, ms: number, what: () => string = () => 'rain') => {
  const beganMs = clock.now();
  return async (): Promise<WaitLook<string>> => (clock.now() - beganMs >= ms ? { done: 'here' } : missing(what()));
};

describe('a wait', () => {
  it('ends with the value of the first look that has one', async () => {
    const rehearsal = rehearse();
    assert.equal(await wait(rehearsal, { look: until(rehearsal, 1200) }), 'here');
    assert.deepEqual(rehearsal.clock.sleeps, [500, 500, 500]);
  });

  it('of less than two seconds shows nothing, a longer one shows what it waits for, once', async () => {
    const short = rehearse();
    await wait(short, { look: until(short, 2000) });
    assert.deepEqual(short.report.progressLines, []);
    const long = rehearse();
    await wait(long, { look: until(long, 60_000) });
    assert.deepEqual(long.report.progressLines, ['waiting: rain']);
  });

  it('shows what it waits for again when that changes', async () => {
    const rehearsal = rehearse();
    const beganMs = rehearsal.clock.now();
    const look = until(rehearsal, 9000, () => (rehearsal.clock.now() - beganMs < 5000 ? 'rain' : 'sun'));
    await wait(rehearsal, { look });
    assert.deepEqual(rehearsal.report.progressLines, ['waiting: rain', 'waiting: sun']);
  });

  it('shows its line before a long sleep, not after it', async () => {
    const rehearsal = rehearse();
    const lines: number[] = [];
    rehearsal.clock.at(1, () => {
      lines.push(rehearsal.report.progressLines.length);
    });
    await wait(rehearsal, { look: until(rehearsal, 5000), paceMs: 5000 });
    assert.deepEqual(lines, [1]);
  });

  it('that shows itself has no line', async () => {
    const rehearsal = rehearse();
    await wait(rehearsal, { look: until(rehearsal, 60_000), showsItself: true });
    assert.deepEqual(rehearsal.report.progressLines, []);
  });

  it('looks at the deadline for the last time, and fails with what that look gives', async () => {
    const rehearsal = rehearse();
    const beganMs = rehearsal.clock.now();
    const looks: number[] = [];
    const look = async (): Promise<WaitLook<string>> => {
      looks.push(rehearsal.clock.now() - beganMs);
      return missing(`look ${looks.length}`);
    };
    await assert.rejects(
      wait(rehearsal, { look, paceMs: 700, deadlineMs: beganMs + 1000 }),
      /^NotYetError: no look 3$/,
    );
    assert.deepEqual(looks, [0, 700, 1000]);
  });

  it('looks once when the deadline is over already', async () => {
    const rehearsal = rehearse();
    let looks = 0;
    const look = async (): Promise<WaitLook<string>> => {
      looks += 1;
      return missing('rain');
    };
    await assert.rejects(wait(rehearsal, { look, deadlineMs: rehearsal.clock.now() }), NotYetError);
    assert.equal(looks, 1);
  });

  it('asks for its pace after each look', async () => {
    const rehearsal = rehearse();
    const paces = [100, 900, 300];
    await wait(rehearsal, { look: until(rehearsal, 1300), paceMs: () => paces.shift() ?? 0 });
    assert.deepEqual(rehearsal.clock.sleeps, [100, 900, 300]);
  });

  it('ends at once when it is interrupted', async () => {
    const rehearsal = rehearse();
    const stop = new AbortController();
    rehearsal.clock.at(1200, () => stop.abort(new Error('interrupted')));
    const world = { ...rehearsal.world, signal: stop.signal };
    const beganMs = rehearsal.clock.now();
    const endless = { deadlineMs: Number.POSITIVE_INFINITY, paceMs: 500, look: async () => missing('rain') };
    await assert.rejects(waitUntil(world, endless), /interrupted/);
    assert.equal(rehearsal.clock.now() - beganMs, 1200);
    await assert.rejects(waitUntil(world, { ...endless, look: async () => assert.fail('looked') }), /interrupted/);
  });
});

describe('an observation', () => {
  const observe = async (forMs: number, paceMs: number) => {
    const { clock, world } = rehearse();
    const looks: number[] = [];
    const look = async (): Promise<void> => void looks.push(clock.now() - clock.startMs);
    await keepLooking(world, { forMs, paceMs, look });
    return looks;
  };

  it('looks at its pace, and at its end', async () => {
    assert.deepEqual(await observe(5000, 2000), [2000, 4000, 5000]);
    assert.deepEqual(await observe(0, 2000), []);
  });

  it('lasts as long as asked for when looks take time', async () => {
    const clock = new FakeClock();
    const world = { ...rehearse().world, clock };
    const looks: number[] = [];
    const look = async (): Promise<void> => {
      await clock.sleep(1500);
      looks.push(clock.now() - clock.startMs);
    };
    await keepLooking(world, { forMs: 5000, paceMs: 2000, look });
    assert.deepEqual(looks, [3500, 6500]);
  });
});

describe('a wait for the controller', () => {
  it('says after two seconds that it has not seen the newest spec', async () => {
    const rehearsal = rehearse();
    const { kube, clock, world, report } = rehearsal;
    const status = (observedGeneration: number) =>
      kube.edit(STATEFUL_SETS, 'nginx', (object) => {
        object['status'] = { ...(object['status'] as object), observedGeneration };
      });
    status(0);
    clock.at(3000, () => void status(1));
    await gatherObserved(world, common, Number.POSITIVE_INFINITY);
    assert.deepEqual(report.progressLines, [
      'waiting: the controller has not yet seen the newest spec of statefulset/nginx',
    ]);
  });
});
