/** Runs one history from its first moment to its last: the bad day, the calm after it, and the verdict. */
import { POD_DISRUPTION_BUDGETS } from '../../../lib/ports/resources.ts';
import { asMap } from '../../../sandbox/semantics/json.ts';
import { type Hit, Striker } from '../faults/striker.ts';
import type { History } from '../history.ts';
import { before, differences } from '../invariants/as-before.ts';
import { decisionsIn, FORBIDS, forbidsAll } from '../invariants/decisions.ts';
import { WantedWeights } from '../invariants/deletions.ts';
import { judgeEnd, judgeHints } from '../invariants/said.ts';
import { ShownConnections } from '../invariants/too-soon.ts';
import type { Violation } from '../invariants/violation.ts';
import type { Court } from '../invariants/witness.ts';
import { adminOf } from '../people/admin.ts';
import { Cast } from '../people/cast.ts';
import { doJob } from '../people/jobs.ts';
import { type Done, type Shell, shellOf } from '../people/shell.ts';
import { isIdle, strike } from '../people/strikes.ts';
import { ownGlobals } from '../world/globals.ts';
import { openStage, type Stage, TARGET } from '../world/stage.ts';
import type { Shipped } from './role.ts';
import { timelineOf } from './timeline.ts';

const DAY_MS = 24 * 3_600_000;
const CALM_TRIES = 5;
/** Five times what the longest job of a whole history needs. */
const MOST_CALLS = 40_000;

export interface Report {
  violations: readonly Violation[];
  hits: readonly Hit[];
  events: number;
  calls: number;
  simulatedMs: number;
  deletions: number;
  raced: number;
  inside: number;
  /** The rules of a last refusal, which left it to a person. */
  decisions: readonly string[];
  /** `verb`: how its runs ended, by exit code. */
  ends: Record<string, Record<string, number>>;
  writes: Record<string, number>;
  /** `verb channel`, and `verb write`: the operator's calls. */
  met: Record<string, number>;
  timeline: readonly string[];
}

export async function runHistory(history: History, { rbac, actions }: Shipped): Promise<Report> {
  let putBack = (): void => undefined;
  let stage: Stage | undefined;
  try {
    stage = await openStage(history.setting, rbac, ({ clock, dice }) => {
      putBack = ownGlobals(clock, dice);
    });
    return await live(stage, history, actions);
  } finally {
    stage?.stop();
    putBack();
  }
}

async function live(stage: Stage, history: History, actions: Shipped['actions']): Promise<Report> {
  const { clock } = stage;
  const court: Court = {
    ...{ stage, actions, wanted: new WantedWeights(stage), violations: [], raced: [], inside: [], deletions: 0 },
    ...{ shown: new ShownConnections(), writes: new Map(), refusingUntilMs: 0 },
  };
  const striker = new Striker(
    history.faults,
    () => clock.elapsedMs,
    (kind) => isIdle(stage, kind),
  );
  const cast = new Cast(
    court,
    striker,
    (all, fault) => strike(court, all, fault),
    (witness, ended) => judgeEnd(witness, ended, stage, cast.touched),
  );
  const shell = shellOf(cast, (ms) => clock.sleep(ms));
  const was = before(stage);
  const accuse = (invariant: 4 | 5, what: string): void => {
    court.violations.push({ invariant, what, atMs: clock.elapsedMs });
  };
  let done: Done | undefined;
  const decisions: string[] = [];
  const within = async (what: string, work: Promise<void>): Promise<boolean> => {
    let isOver = false;
    let failure: unknown;
    work.then(
      () => {
        isOver = true;
      },
      (error: unknown) => {
        failure = error;
        isOver = true;
      },
    );
    const beganAt = striker.calls;
    const how = await clock.run(() => isOver || striker.calls - beganAt > MOST_CALLS, clock.elapsedMs + DAY_MS);
    if (failure !== undefined) throw failure;
    if (how !== 'done') accuse(5, `${what} ${how === 'late' ? 'goes on for ever' : 'hangs'}`);
    if (how === 'done' && !isOver) accuse(5, `${what} goes round and round: ${MOST_CALLS} calls`);
    return isOver;
  };
  const ended = await within(
    `the job (${cast.current?.words.join(' ')})`,
    doJob(shell, history, adminOf(stage)).then((told) => {
      done = told;
    }),
  );
  if (ended && (await within('a colleague', untilAlone(cast, clock.sleep.bind(clock))))) {
    striker.isOver = true;
    await within('the calm', calmDown(court, cast));
    const { last = [] } = done ?? {};
    await within(
      `after the faults, ${last.join(' ')}`,
      comeToEnd(shell, last, cast, accuse, {
        decisions,
        mostGone: () => asMap(stage.api.get(POD_DISRUPTION_BUDGETS, TARGET)?.['spec'])['maxUnavailable'],
      }).then((code) => {
        if (code !== 0) return;
        const isWhole = done?.finished === true || last[0] === 'upgrade';
        if (!isWhole) return;
        for (const wrong of differences(stage, was, cast.touched, done)) accuse(4, `after ${last.join(' ')}: ${wrong}`);
      }),
    );
  }
  for (const { ended: end, witness } of cast.told) await within('the hints', judgeHints(witness, end));
  const ends: Report['ends'] = {};
  for (const {
    ended: { words, code },
  } of cast.told) {
    const [verb = ''] = words;
    ends[verb] = { ...ends[verb], [code]: (ends[verb]?.[code] ?? 0) + 1 };
  }
  return {
    ...{
      violations: court.violations,
      hits: striker.hits,
      events: clock.events,
      calls: striker.calls,
      simulatedMs: clock.elapsedMs,
    },
    ...{
      deletions: court.deletions,
      raced: court.raced.length,
      inside: court.inside.length,
      decisions,
      ends,
      writes: Object.fromEntries(court.writes),
      met: Object.fromEntries(striker.met),
    },
    timeline: timelineOf(history, cast.told, striker.hits, court.violations, clock.startMs),
  };
}

/** Faults are over, the cluster is well again, and clients stay no longer than a moment. */
async function calmDown({ stage }: Court, cast: Cast): Promise<void> {
  const { clock, serviceController, cloud, kubelet, calm, balancers } = stage;
  serviceController.asleepUntilMs = 0;
  serviceController.failing = 0;
  serviceController.bindsLateMs = 0;
  Object.assign(cloud.trouble, { lateMs: 0, missingEvery: 0, repeats: false, throttled: 0 });
  kubelet.heal();
  calm.isCalm = true;
  cast.colleagueTypes('resume', TARGET);
  serviceController.resync();
  // Points of the periods before are late.
  const isSlow = stage.setting.periodSeconds >= 10 && stage.setting.sources.includes('clb');
  await clock.sleep(isSlow ? 90_000 : 45_000);
  balancers.connections.endAll();
  await clock.sleep(isSlow ? 150_000 : 30_000);
}

async function untilAlone(cast: Cast, sleep: (ms: number) => Promise<void>): Promise<void> {
  while (cast.others > 0) await sleep(1_000);
}

/** The same command until it has come to an end: success, or something that a person has to decide. */
async function comeToEnd(
  shell: Shell,
  last: readonly string[],
  cast: Cast,
  accuse: (invariant: 5, what: string) => void,
  { decisions, mostGone }: { decisions: string[]; mostGone: () => unknown },
): Promise<number | 'killed'> {
  const decided = (stderr: string, how: number | 'killed'): number | 'killed' => {
    decisions.push(...decisionsIn(stderr));
    return how;
  };
  let code: number | 'killed' = 6;
  for (let tries = 0; tries < CALM_TRIES; tries += 1) {
    code = await shell.type(...last, ...(tries === CALM_TRIES - 1 ? ['--take-over'] : []));
    const stderr = cast.told.at(-1)?.ended.stderr ?? '';
    if (code === 0 || code === 3) return code;
    if (code === 4 && decisionsIn(stderr).length > 0) return decided(stderr, code);
    for (const words of wayOn(cast)) {
      const way = await shell.type(...words);
      const told = cast.told.at(-1)?.ended.stderr ?? '';
      if (way === 4 && decisionsIn(told).length > 0) return decided(told, way);
      if (way !== 0) break;
    }
    await shell.pause(70_000);
  }
  const said = cast.told
    .findLast(({ ended }) => ended.words[0] === last[0])
    ?.ended.stderr.trim()
    .split('\n')
    .slice(0, 3)
    .join(' | ');
  const end = cast.told.findLast(({ ended }) => ended.words[0] === last[0])?.ended.stderr ?? '';
  if (code === 7 && decisionsIn(end).length > 0) return decided(end, code);
  if (code === 6 && forbidsAll(end, mostGone())) {
    decisions.push(FORBIDS);
    return code;
  }
  await shell.type('status', TARGET);
  accuse(5, `${last.join(' ')} ends with ${code} again and again: ${said}`);
  return code;
}

/** Where a run says that other commands have to come first, a person types them: `drain nginx 6 && wait-zero nginx && …`. */
function wayOn(cast: Cast): string[][] {
  const line = /kubectl zeroloss [^\n]*&&[^\n]*/.exec(cast.told.at(-1)?.ended.stderr ?? '')?.[0] ?? '';
  if (!/^kubectl zeroloss (drain|wait-zero)/.test(line)) return [];
  return line.split('&&').map((each) => each.replace(/#.*/, '').trim().split(/\s+/).slice(2));
}
