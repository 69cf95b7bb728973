/** The coverage of a campaign: each verb with each kind of fault, and each write with those that struck it. */
import { CHANNEL, type Hit, OF_WRITES } from '../faults/striker.ts';
import { FAULTS, type FaultKind } from '../history.ts';

/** Verbs that have to come to an end in a campaign, in the order of the table. */
export const VERBS = [
  ...['check', 'plan', 'status', 'history', 'surge', 'drain', 'wait-zero', 'recreate', 'verify', 'advance'],
  ...['restore', 'rollback', 'upgrade', 'scale', 'pause', 'resume'],
] as const;

type Counts = Map<string, number>;

const AT_WRITES = 'at writes';
/** Kinds that one verb has not met, by name: a campaign that names more has been too short. */
const MOST_NAMED = 12;

export class Coverage {
  /** By kind of fault: how often it struck each verb, and how often at a write. */
  readonly #kinds = new Map<FaultKind, Counts>();
  /** `verb step` of a write: how often it was made. */
  readonly #writes: Counts = new Map();
  /** `verb step` of a write: the kinds that struck it. */
  readonly #struck = new Map<string, Set<FaultKind>>();
  readonly #met: Counts = new Map();

  hit({ kind, verb, step, isWrite }: Hit): void {
    const row = this.#kinds.get(kind) ?? new Map<string, number>();
    this.#kinds.set(kind, row);
    count(row, verb);
    if (!isWrite) return;
    count(row, AT_WRITES);
    const key = `${verb} ${step}`;
    const kinds = this.#struck.get(key) ?? new Set();
    this.#struck.set(key, kinds.add(kind));
  }

  /** `verb channel`, or `verb write`: so many calls. */
  met(what: string, times: number): void {
    count(this.#met, what, times);
  }

  wrote(write: string, times: number): void {
    count(this.#writes, write, times);
  }

  hits(kind: FaultKind): number {
    return [...(this.#kinds.get(kind) ?? [])].reduce(
      (sum, [verb, times]) => (verb === AT_WRITES ? sum : sum + times),
      0,
    );
  }

  #makes(verb: string, call: string): boolean {
    return (this.#met.get(`${verb} ${call}`) ?? 0) > 0;
  }

  /** Whether the verb has made a call that such a fault strikes at. */
  #canMeet(kind: FaultKind, verb: string): boolean {
    return this.#makes(verb, callOf(kind));
  }

  /** `exec: plan, history`: verbs that never make such a call, which some kinds of fault need. */
  #without(): string[] {
    return [...new Set(FAULTS.map(callOf))].flatMap((call) => {
      const verbs = VERBS.filter((verb) => !this.#makes(verb, call));
      return verbs.length === 0 ? [] : `${call}: ${verbs.join(', ')}`;
    });
  }

  /** Of kinds and verbs that can meet: how many have, and which have not. */
  #meetings(): string[] {
    const pairs = FAULTS.flatMap((kind) => VERBS.map((verb) => ({ kind, verb })));
    const able = pairs.filter(({ kind, verb }) => this.#canMeet(kind, verb));
    const apart = able.filter(({ kind, verb }) => !this.#kinds.get(kind)?.has(verb));
    const named = [...Map.groupBy(apart, ({ verb }) => verb)].map(
      ([verb, each]) =>
        `${verb} (${each.length > MOST_NAMED ? `${each.length} kinds` : each.map(({ kind }) => kind).join(', ')})`,
    );
    return [
      `${able.length - apart.length} of ${able.length} kinds of fault and verbs that can meet have met; ${pairs.length - able.length} cannot`,
      `verbs without such a call: ${this.#without().join('; ') || 'none'}`,
      ...(named.length === 0 ? [] : [`not met: ${named.join('; ')}`]),
    ];
  }

  /** Kinds that never struck. */
  missing(): FaultKind[] {
    return FAULTS.filter((kind) => !this.#kinds.has(kind));
  }

  lines(): string[] {
    return [
      `what struck what (${FAULTS.length} kinds of fault, ${VERBS.length} verbs):`,
      ...table(
        ['', ...VERBS, AT_WRITES, 'all'],
        FAULTS.map((kind) => [
          kind,
          ...[...VERBS, AT_WRITES].map((verb) => String(this.#kinds.get(kind)?.get(verb) ?? '')),
          String(this.hits(kind)),
        ]),
      ),
      ...this.#meetings(),
      '',
      'writes, how often each was made, and how many kinds of fault struck at it:',
      ...this.#writeTable(),
    ];
  }

  /** A row for each resource and method, a column for each verb that writes: `made/kinds`. */
  #writeTable(): string[] {
    const keys = [...new Set([...this.#writes.keys(), ...this.#struck.keys()])];
    const steps = [...new Set(keys.map((key) => key.slice(key.indexOf(' ') + 1)))].sort();
    const verbs = VERBS.filter((verb) => keys.some((key) => key.startsWith(`${verb} `)));
    const cell = (key: string): string => {
      const made = this.#writes.get(key) ?? 0;
      const kinds = this.#struck.get(key)?.size ?? 0;
      return made + kinds === 0 ? '' : `${made}/${kinds}`;
    };
    return table(
      ['', ...verbs],
      steps.map((step) => [step, ...verbs.map((verb) => cell(`${verb} ${step}`))]),
    );
  }
}

/** The call that such a fault needs. */
const callOf = (kind: FaultKind): string => (OF_WRITES.has(kind) ? 'write' : (CHANNEL.get(kind) ?? 'call'));

export const count = (counts: Counts, key: string, times = 1): void => {
  counts.set(key, (counts.get(key) ?? 0) + times);
};

/** The first column to the left, numbers to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join(' ')
      .trimEnd(),
  );
}
