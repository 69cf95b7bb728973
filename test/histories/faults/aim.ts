/** Aims a fault at one verb of a job, at a call that each run of this verb makes. */
import { COUNT_FAULTS, type Fault, type FaultKind, type JOBS, VERBS_OF } from '../history.ts';
import { CHANNEL, OF_WRITES } from './striker.ts';

/** Verbs that write nothing. */
const READS: ReadonlySet<string> = new Set(['plan', 'status', 'history', 'verify']);
/** Verbs that ask nothing of the cloud, and so many calls a run of each makes at least. */
const BRIEF: ReadonlyMap<string, number> = new Map([
  ['history', 5],
  ['rollback', 2],
  ['pause', 2],
  ['resume', 2],
]);
/** Verbs that count connections in pods; `restore` where it takes a surplus away. */
const COUNTING: ReadonlySet<string> = new Set(['check', 'wait-zero', 'recreate', 'scale', 'upgrade', 'restore']);
const CALLS = 12;
const WRITES = 3;

/** Jobs whose verbs are all brief: a fault that counts calls over all of them would come too late. */
const SHORT: ReadonlySet<string> = new Set(['take-back', 'give-back'] satisfies (typeof JOBS)[number][]);

/** A fault as it is drawn; `share`: which verb of the job, as a share of their number. */
export type Unaimed = Omit<Fault, 'of'> & { isAimed: boolean; share: number };

/** A verb that such a fault can never meet is no aim. */
function canMeet(kind: FaultKind, verb: string): boolean {
  if (OF_WRITES.has(kind)) return !READS.has(verb);
  if ((COUNT_FAULTS as readonly FaultKind[]).includes(kind)) return COUNTING.has(verb);
  return CHANNEL.get(kind) !== 'cloud' || !BRIEF.has(verb);
}

/** The same fault with its verb; without one where it counts over all of them, or no verb of the job can meet it. */
export function aimed({ isAimed, share, ...fault }: Unaimed, job: (typeof JOBS)[number]): Fault {
  const verbs = isAimed || SHORT.has(job) ? VERBS_OF[job].filter((verb) => canMeet(fault.kind, verb)) : [];
  const of = verbs[Math.floor(share * verbs.length)];
  if (of === undefined) return { ...fault, of };
  const at = READS.has(of) ? 'call' : fault.at;
  const most = at === 'call' ? (BRIEF.get(of) ?? CALLS) : BRIEF.has(of) ? 1 : WRITES;
  return { ...fault, of, at, nth: 1 + ((fault.nth - 1) % most) };
}
