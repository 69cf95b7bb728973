/** Adds the reports of a campaign up, and says what it has covered and what it has not. */
import { FAULTS, type FaultKind } from '../history.ts';
import { INVARIANTS } from '../invariants/violation.ts';
import type { Told } from './worker.ts';

/** Verbs that have to come to an end in a campaign. */
export const VERBS = [
  ...['check', 'plan', 'status', 'history', 'surge', 'drain', 'wait-zero', 'recreate', 'verify', 'advance'],
  ...['restore', 'rollback', 'upgrade', 'pause', 'resume'],
] as const;

/** Fewer histories than this cannot be expected to meet every fault. */
const ENOUGH = 1_000;

export class Tally {
  histories = 0;
  events = 0;
  calls = 0;
  cpuMs = 0;
  simulatedMs = 0;
  deletions = 0;
  withDeletion = 0;
  raced = 0;
  killed = 0;
  readonly failed: Told[] = [];
  readonly #hitsPerHistory: number[] = [];
  readonly #faults = new Map<FaultKind, number>();
  readonly #steps = new Map<string, Map<FaultKind, number>>();
  readonly #ends = new Map<string, Map<string, number>>();
  readonly #writes = new Map<string, number>();

  add(told: Told): void {
    const { report } = told;
    this.histories += 1;
    this.events += report.events;
    this.calls += report.calls;
    this.cpuMs += told.cpuMs;
    this.simulatedMs += report.simulatedMs;
    this.deletions += report.deletions;
    this.withDeletion += report.deletions > 0 ? 1 : 0;
    this.raced += report.raced;
    this.#hitsPerHistory.push(report.hits.length);
    for (const { kind, verb, step } of report.hits) {
      this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1);
      const place = `${verb}: ${step}`;
      const there = this.#steps.get(place) ?? new Map<FaultKind, number>();
      this.#steps.set(place, there.set(kind, (there.get(kind) ?? 0) + 1));
    }
    for (const [verb, codes] of Object.entries(report.ends))
      for (const [code, count] of Object.entries(codes)) {
        const known = this.#ends.get(verb) ?? new Map<string, number>();
        this.#ends.set(verb, known.set(code, (known.get(code) ?? 0) + count));
        if (code === 'killed') this.killed += count;
      }
    for (const [write, count] of Object.entries(report.writes))
      this.#writes.set(write, (this.#writes.get(write) ?? 0) + count);
    if (report.violations.length > 0) this.failed.push(told);
  }

  get medianFaults(): number {
    const sorted = [...this.#hitsPerHistory].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  }

  /** The parts that a campaign of this size should have covered and has not. */
  gaps(): string[] {
    if (this.histories < ENOUGH) return [];
    const neverEnded = VERBS.filter((verb) => (this.#ends.get(verb)?.get('0') ?? 0) === 0);
    const neverHit = FAULTS.filter((kind) => !this.#faults.has(kind));
    return [
      ...neverEnded.map((verb) => `${verb} never came to its end`),
      ...neverHit.map((kind) => `the fault ${kind} never struck`),
      ...(this.withDeletion * 2 < this.histories ? [`only ${this.withDeletion} histories delete a pod`] : []),
      ...(this.medianFaults < 3 ? [`half of the histories have ${this.medianFaults} faults or fewer`] : []),
    ];
  }

  /** The closing report. */
  lines(seconds: number): string[] {
    const hours = Math.round(this.simulatedMs / 3_600_000);
    const rows = (counts: Iterable<[string, number]>) =>
      [...counts]
        .sort((a, b) => b[1] - a[1])
        .map(([name, count]) => `${name} ${count}`)
        .join(', ');
    return [
      `${this.histories} histories in ${Math.round(seconds)} s (${Math.round(this.cpuMs / 1000)} s of CPU): ${this.events} events, ${this.calls} calls, ${hours} simulated hours`,
      `${this.deletions} pods deleted, in ${this.withDeletion} histories; ${this.raced} connections or weights that came after the last look; ${this.killed} kills; median of ${this.medianFaults} faults`,
      '',
      `faults: ${rows(this.#faults)}`,
      '',
      `writes: ${rows(this.#writes)}`,
      '',
      'verbs, by exit code:',
      ...[...this.#ends].map(([verb, codes]) => `  ${verb.padEnd(10)} ${rows(codes)}`),
      '',
      `steps at which faults struck (${this.#steps.size} steps, ${FAULTS.length} kinds of fault):`,
      ...[...this.#steps]
        .map(([place, kinds]) => ({ place, kinds: kinds.size, hits: [...kinds.values()].reduce((a, b) => a + b, 0) }))
        .sort((a, b) => b.hits - a.hits)
        .map(({ place, kinds, hits }) => `  ${place.padEnd(44)} ${String(hits).padStart(6)} hits of ${kinds} kinds`),
    ];
  }
}

/** A history that fails, for people, and the command that replays it. */
export function failureLines({ seed, report, shrunk }: Told): string[] {
  const { timeline, violations } = shrunk?.report ?? report;
  const [first] = violations;
  return [
    '',
    `seed ${seed} breaks invariant ${first?.invariant ?? '?'}: ${first === undefined ? '' : INVARIANTS[first.invariant]}`,
    ...(shrunk === undefined ? [] : [`shrunk to ${shrunk.history.faults.length} faults:`]),
    ...timeline.map((line) => `  ${line}`),
    `replay: make histories SEED=${seed}`,
  ];
}
