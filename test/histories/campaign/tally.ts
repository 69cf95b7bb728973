/** Adds the reports of a campaign up, and says what it has covered and what it has not. */
import { INVARIANTS } from '../invariants/violation.ts';
import { Coverage, count, VERBS } from './coverage.ts';
import { briefly } from './timeline.ts';
import type { Told } from './worker.ts';

/** Fewer histories than this cannot be expected to meet every fault. */
const ENOUGH = 2_000;

export class Tally {
  histories = 0;
  events = 0;
  calls = 0;
  cpuMs = 0;
  simulatedMs = 0;
  deletions = 0;
  withDeletion = 0;
  raced = 0;
  inside = 0;
  killed = 0;
  readonly failed: Told[] = [];
  readonly #hitsPerHistory: number[] = [];
  readonly #coverage = new Coverage();
  readonly #decisions = new Map<string, number>();
  readonly #ends = new Map<string, Map<string, number>>();

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
    this.inside += report.inside;
    this.#hitsPerHistory.push(report.hits.length);
    for (const hit of report.hits) this.#coverage.hit(hit);
    for (const rule of new Set(report.decisions)) count(this.#decisions, rule);
    for (const [verb, codes] of Object.entries(report.ends))
      for (const [code, times] of Object.entries(codes)) {
        const known = this.#ends.get(verb) ?? new Map<string, number>();
        this.#ends.set(verb, known);
        count(known, code, times);
        if (code === 'killed') this.killed += times;
      }
    for (const [write, times] of Object.entries(report.writes)) this.#coverage.wrote(write, times);
    for (const [what, times] of Object.entries(report.met)) this.#coverage.met(what, times);
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
    return [
      ...neverEnded.map((verb) => `${verb} never came to its end`),
      ...this.#coverage.missing().map((kind) => `the fault ${kind} never struck`),
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
      `${this.deletions} pods deleted, in ${this.withDeletion} histories; ${this.raced} connections or weights that came after the last look, and ${this.inside} times clients inside the cluster; ${this.killed} kills; median of ${this.medianFaults} faults`,
      '',
      `last refusals that leave it to a person, by rule: ${rows(this.#decisions) || 'none'}`,
      '',
      'verbs, by exit code:',
      ...[...this.#ends].map(([verb, codes]) => `  ${verb.padEnd(10)} ${rows(codes)}`),
      '',
      ...this.#coverage.lines(),
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
    ...briefly(timeline).map((line) => `  ${line}`),
    `replay: make histories SEED=${seed}`,
  ];
}
