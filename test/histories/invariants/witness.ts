/** Watches one run of the program from outside: what it has read, what it sends, what that changes; and judges it at every event. */
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { asMap } from '../../../sandbox/semantics/json.ts';
import type { Moment } from '../faults/striker.ts';
import type { Sent, WireHooks } from '../faults/wire.ts';
import type { Fault } from '../history.ts';
import { RS_WEIGHT } from '../world/service-controller.ts';
import type { Stage } from '../world/stage.ts';
import { doomedBy, judgeDeletion, noReadings, type Readings, selects, type WantedWeights } from './deletions.ts';
import { type Reader, type ShownConnections, tooSoon, windowMsOf } from './too-soon.ts';
import type { Invariant, Violation } from './violation.ts';
import {
  belowFloor,
  budgetOf,
  goingOf,
  lookNow,
  loweredBy,
  replicasOf,
  type Seen,
  takenFromOthers,
} from './weights.ts';

/** The state that all runs of a history share. */
export interface Court {
  stage: Stage;
  /** `service:Action`, as the shipped policy allows them. */
  actions: ReadonlySet<string>;
  wanted: WantedWeights;
  shown: ShownConnections;
  violations: Violation[];
  /** Deletions that no one could have known to be wrong. */
  raced: string[];
  /** The same of clients inside the cluster, whom no load balancer sends. */
  inside: string[];
  deletions: number;
  /** `verb step`: how often each write was made. */
  writes: Map<string, number>;
  refusingUntilMs: number;
}

export class Witness {
  readonly readings: Readings = noReadings();
  /** Writes that were taken, or may have been: objects of the cluster, without leases, Events and moments of zero. */
  wrote = 0;
  deleted = 0;
  readonly #court: Court;
  readonly #words: readonly string[];
  readonly #strike: (moment: Moment) => readonly Fault[];
  readonly #reader: Reader;
  /** The clock of its machine was set, or drifts. */
  #isUntimed = false;
  #seen: Seen | undefined;
  /** The weight annotation of each Service as this run has last read or written it. */
  /** As this run has read it. */
  #replicas = 0;
  #pods: Pick<Seen, 'pods' | 'going'> | undefined;
  #budget = 0;
  readonly #known = new Map<string, string | undefined>();

  constructor(court: Court, person: string, words: readonly string[], strike: (moment: Moment) => readonly Fault[]) {
    this.#reader = { person, beganMs: court.stage.clock.now() };
    this.#court = court;
    this.#words = words;
    this.#strike = strike;
  }

  /** The share of --min-serving. */
  get #asked(): number | undefined {
    const at = this.#words.indexOf('--min-serving');
    return at < 0 ? undefined : Number.parseInt(this.#words[at + 1] ?? '', 10) / 100;
  }

  /** The replicas that the floor is a share of. */
  get #staying(): number {
    return this.verb === 'scale' ? Math.min(Number(this.#words[2]), this.#replicas) : this.#replicas;
  }

  get verb(): string {
    return this.#words[0] ?? '';
  }

  accuse(invariant: Invariant, what: string): void {
    this.#court.violations.push({ invariant, what, atMs: this.#court.stage.clock.elapsedMs });
  }

  hooks(): WireHooks {
    const { stage } = this.#court;
    return {
      strike: (moment) => {
        const faults = this.#strike({ ...moment, verb: this.verb });
        this.#isUntimed ||= faults.some(({ kind }) => kind.startsWith('clock-'));
        if (this.#isUntimed) this.#court.shown.untimed(stage.clock.now());
        return faults;
      },
      sent: (sent) => this.#sent(sent),
      called: (action) => {
        if (!this.#court.actions.has(action)) this.accuse(7, `${action} is not within the policy`);
      },
      answer: async (sent, work) => this.#answer(sent, work),
      read: (kind, atMs, pod) => {
        if (kind === 'weights') {
          this.readings.weightsAtMs = atMs;
          this.#seen = lookNow(stage);
        } else if (pod === undefined) this.readings.monitorAtMs = atMs;
        else this.readings.podsAtMs.set(pod, atMs);
      },
      counted: (reading) => this.#court.shown.note(this.#reader, reading),
      refusingUntilMs: () => this.#court.refusingUntilMs,
    };
  }

  #readServices(): void {
    const { stage } = this.#court;
    this.readings.servicesAtMs = stage.clock.now();
    const services = stage.api.list(SERVICES);
    for (const { metadata } of services) this.#known.set(metadata.name, metadata.annotations?.[RS_WEIGHT]);
    for (const pod of stage.api.list(PODS))
      if (!services.some((service) => selects(service, pod))) this.#court.shown.forget(pod.metadata.uid ?? '');
  }

  #sent({ method, path, body }: Sent): void {
    const { stage, wanted, shown, raced, inside } = this.#court;
    for (const pod of doomedBy(stage, method, path, body)) {
      if (this.#words.includes('--force')) continue;
      const judged = judgeDeletion(stage, pod, this.readings, wanted);
      if (judged !== undefined && 'wrong' in judged) this.accuse(1, judged.wrong);
      if (judged !== undefined && 'raced' in judged) raced.push(judged.raced);
      if (judged !== undefined && 'inside' in judged) inside.push(judged.inside);
      const { name, uid = '', deletionTimestamp } = pod.metadata;
      const soon = tooSoon(name, {
        shownMs: deletionTimestamp === undefined ? shown.lastMs(uid, this.#reader) : undefined,
        nowMs: stage.clock.now(),
        windowMs: windowMsOf(this.#words, stage.setting),
      });
      if (soon !== undefined) this.accuse(1, soon);
    }
  }

  /** The server takes the request: what changes while it does is this run's doing. */
  async #answer<T extends { status: number; body?: unknown }>(sent: Sent, work: () => Promise<T>): Promise<T> {
    const { stage, writes } = this.#court;
    const isRead = sent.method === 'GET' || /[?&]dryRun=/.test(sent.path);
    if (isRead) {
      const answer = await work();
      // Of the answer, and not of the world: another actor may have written since it was given.
      const read = objectsOf(answer);
      if (/\/statefulsets\//.test(sent.path) && read !== undefined) this.#replicas = replicasOf(read);
      if (/\/pods(?:\?|$)/.test(sent.path) && read !== undefined) this.#pods = { pods: read, going: goingOf(read) };
      if (/\/poddisruptionbudgets/.test(sent.path) && read !== undefined) this.#budget = budgetOf(read);
      if (/\/services(\/|\?|$)/.test(sent.path)) this.#readServices();
      if (answer.status === 403) this.accuse(7, `${sent.method} ${sent.path} is not within the Role`);
      return answer;
    }
    const doomed = doomedBy(stage, sent.method, sent.path, sent.body).length;
    const unfollow = stage.api.store.table(SERVICES).subscribe(undefined, ({ previous, object }) => {
      if (previous === undefined) return;
      const stolen = takenFromOthers(previous, object);
      if (stolen !== undefined) this.accuse(3, stolen);
      if (previous.metadata.annotations?.[RS_WEIGHT] === object.metadata.annotations?.[RS_WEIGHT]) return;
      const { name } = object.metadata;
      if (this.#known.has(name) && this.#known.get(name) !== previous.metadata.annotations?.[RS_WEIGHT])
        this.accuse(3, `service/${name}: weights are written over a change that this run has not read`);
      this.#known.set(name, object.metadata.annotations?.[RS_WEIGHT]);
      const low =
        this.#seen === undefined || this.verb === 'restore'
          ? undefined
          : belowFloor(
              stage,
              previous,
              object,
              // Of a scale-in both count against what stays.
              {
                ...this.#seen,
                ...this.#pods,
                replicas: this.#staying,
                budget: this.#budget - (this.#replicas - this.#staying),
              },
              this.#asked,
            );
      if (low !== undefined) this.accuse(2, low);
      const lowered =
        this.verb === 'restore' && !this.#words.includes('--weight') ? loweredBy(stage, previous, object) : [];
      if (lowered.length > 0) this.accuse(3, `restore lowers ${lowered.join(', ')}`);
    });
    const answer = await work().finally(unfollow);
    if (answer.status === 403) this.accuse(7, `${sent.method} ${sent.path} is not within the Role`);
    if (answer.status >= 300) return answer;
    const key = `${this.verb} ${sent.moment.step}`;
    writes.set(key, (writes.get(key) ?? 0) + 1);
    if (!isAside(sent)) this.wrote += 1;
    this.deleted += doomed;
    this.#court.deletions += doomed;
    return answer;
  }
}

/** The objects of an answer; undefined for a failure and for what is no object, as a log or a table is. */
function objectsOf({ status, body }: { status: number; body?: unknown }): readonly KubeObject[] | undefined {
  const text = String(body ?? '');
  if (status >= 300 || !text.startsWith('{')) return undefined;
  const answer = JSON.parse(text) as KubeObject & { items?: readonly KubeObject[] };
  if (answer.kind === 'Table') return undefined;
  return answer.items ?? [answer];
}

/** Leases, Events and moments of zero change no traffic. */
function isAside({ path, body }: Sent): boolean {
  if (/\/(leases|events|selfsubjectaccessreviews)\b/.test(path)) return true;
  const keys = Object.keys(asMap(asMap(asMap(body)['metadata'])['annotations']));
  return keys.length > 0 && keys.every((key) => key.endsWith('/zero-seen')) && asMap(body)['spec'] === undefined;
}

/** No faults: a person who has no bad day. */
export const noFaults = (): readonly Fault[] => [];
