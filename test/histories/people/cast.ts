/** The people of a history: the operator whose day it is, a colleague, and what others do to the cluster. */
import { SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { Striker } from '../faults/striker.ts';
import type { Fault } from '../history.ts';
import { type Court, noFaults, Witness } from '../invariants/witness.ts';
import { TARGET } from '../world/stage.ts';
import { type Ended, type Person, type Program, startProgram } from './program.ts';

/** One run that is over, and what its witness has seen. */
export interface Told {
  who: string;
  ended: Ended;
  witness: Witness;
}

export class Cast {
  readonly operator: Person = { name: 'alice', started: 0, running: new Set() };
  readonly colleague: Person = { name: 'bob', started: 0, running: new Set() };
  readonly told: Told[] = [];
  /** Changes by others: success then means less. */
  readonly touched = new Set<string>();
  /** The operator's program that runs now. */
  current: Program | undefined;
  readonly #court: Court;
  readonly #striker: Striker;
  readonly #effect: (fault: Fault) => void;
  /** Programs of the colleague that run. */
  others = 0;

  readonly #judge: (witness: Witness, ended: Ended) => void;

  /** `judge` gets each run at the moment at which it ends. */
  constructor(
    court: Court,
    striker: Striker,
    effect: (cast: Cast, fault: Fault) => void,
    judge: (witness: Witness, ended: Ended) => void,
  ) {
    this.#judge = judge;
    this.#court = court;
    this.#striker = striker;
    this.#effect = (fault) => effect(this, fault);
  }

  /** The operator types a command; resolves to its exit code, or that it was killed. */
  async type(...words: string[]): Promise<Ended['code']> {
    const program = this.#start(this.operator, words, (moment) => {
      const faults = this.#striker.at(moment);
      for (const fault of faults) this.#effect(fault);
      return faults;
    });
    this.current = program;
    const { code } = await program.ended;
    this.current = undefined;
    return code;
  }

  /** The colleague does, and the operator knows nothing of it. */
  colleagueTypes(...words: string[]): void {
    this.others += 1;
    void this.#start(this.colleague, words, noFaults).ended.then(() => {
      this.others -= 1;
    });
  }

  #start(person: Person, words: readonly string[], strike: ConstructorParameters<typeof Witness>[3]): Program {
    const witness = new Witness(this.#court, person.name, words, strike);
    const program = startProgram(this.#court.stage, person, words, () => witness.hooks());
    void program.ended.then((ended) => {
      this.#judge(witness, ended);
      this.told.push({ who: person.name, ended, witness });
    });
    return program;
  }

  /** Somebody edits an object past every tool. */
  edit(kind: 'set' | 'service', change: Parameters<Court['stage']['api']['edit']>[2], manager = 'kubectl-edit'): void {
    this.#court.stage.api.edit(kind === 'set' ? STATEFUL_SETS : SERVICES, TARGET, change, { manager });
  }
}
