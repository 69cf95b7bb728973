/**
 * One container through all its lives: pulled, started, serving, restarted, ended.
 * `run` is the only place that changes its state; everything else asks `run` to move on.
 */
import { randomBytes } from 'node:crypto';
import type { ContainerPlan } from '../pod/pod-plan.ts';
import { watchReadiness } from '../probe/readiness.ts';
import { openPodServer, type PodServer } from '../server/pod-server.ts';
import { LogBuffer } from './log-buffer.ts';
import { aborted, pause } from './pause.ts';
import type { PodHost } from './pod-host.ts';

export interface Terminated {
  exitCode: number;
  /** Completed or Error. */
  reason: string;
  startedAtMs: number;
  finishedAtMs: number;
  containerId: string;
}

export type ContainerState =
  | { kind: 'waiting'; reason: string; message?: string }
  | { kind: 'running'; startedAtMs: number }
  | ({ kind: 'terminated' } & Terminated);

/** A crash comes this long after the start at the latest. */
const CRASH_AFTER_MS = 300;
/** A real kubelet waits 10 s, doubling to 5 minutes; a rehearsal is shorter, the doubling is the same. */
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 30_000;

export class Container {
  plan: ContainerPlan;
  state: ContainerState = { kind: 'waiting', reason: 'ContainerCreating' };
  last: Terminated | undefined;
  ready = false;
  restartCount: number;
  containerId = '';
  server: PodServer | undefined;
  log: LogBuffer;
  previousLog: LogBuffer | undefined;
  readonly #host: PodHost;
  #ending = false;
  /** Ends the present life, or the present wait. */
  #move = new AbortController();
  /** Once aborted, whatever is still open is cut. */
  #kill = new AbortController();
  #failures = 0;
  #over = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();

  constructor(plan: ContainerPlan, host: PodHost, restartCount = 0) {
    this.plan = plan;
    this.restartCount = restartCount;
    this.#host = host;
    this.log = new LogBuffer(() => host.now());
  }

  /** Resolves when the present life is over: at once while there is none after one that was. */
  get lifeOver(): Promise<void> {
    return this.#over.promise;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Takes a changed image in place: the running container ends as it would for any other reason, and starts anew. */
  setPlan(plan: ContainerPlan): void {
    const changed = plan.image !== this.plan.image;
    this.plan = plan;
    if (!changed || this.#ending) return;
    this.#failures = 0;
    this.#host.event('Normal', 'Killing', `Container ${plan.name} definition changed, will be restarted`);
    void this.#beginEnd();
    const kill = this.#kill;
    void pause(this.#host.sleep, this.#host.graceMs, kill.signal).then(() => kill.abort());
  }

  /** preStop, SIGTERM, then what is open finishes or is cut when `kill` aborts. Resolves when the container has ended. */
  async terminate(kill: AbortSignal): Promise<void> {
    this.#ending = true;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    void aborted(kill).then(() => {
      this.#kill.abort();
      resolve();
    });
    await Promise.race([this.#beginEnd(), over]);
    this.#move.abort();
    await this.#running;
  }

  async #beginEnd(): Promise<void> {
    const move = this.#move;
    if (this.state.kind === 'running') await pause(this.#host.sleep, this.plan.preStopMs, this.#kill.signal);
    move.abort();
  }

  async #run(): Promise<void> {
    while (!this.#ending) {
      this.#move = new AbortController();
      this.#kill.abort();
      this.#kill = new AbortController();
      if (this.plan.fault === 'image-pull-error') await this.#failToPull(this.#move.signal);
      else if (!(await this.#live(this.plan, this.#move.signal))) return;
    }
  }

  async #failToPull(signal: AbortSignal): Promise<void> {
    const { image } = this.plan;
    const message = `failed to pull and unpack image "${image}": not found`;
    this.#wait('ErrImagePull', message);
    this.#host.event('Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
    if (!(await pause(this.#host.sleep, FIRST_BACKOFF_MS, signal))) return;
    this.#wait('ImagePullBackOff', `Back-off pulling image "${image}"`);
    await pause(this.#host.sleep, this.#backoffMs(), signal);
  }

  /** From start to exit; true when another life may follow. */
  async #live(plan: ContainerPlan, signal: AbortSignal): Promise<boolean> {
    if (this.last !== undefined) this.#renew();
    this.containerId = randomBytes(32).toString('hex');
    const startedAtMs = this.#host.now();
    this.state = { kind: 'running', startedAtMs };
    this.#host.changed();
    if (plan.role === 'init') {
      this.#exited(startedAtMs, 0);
      return false;
    }
    this.#host.event('Normal', 'Started', `Started container ${plan.name}`);
    const crashed = plan.role === 'app' && !(await this.#serve(plan, signal));
    if (!signal.aborted && !crashed) await aborted(signal);
    const exitCode = crashed ? 1 : await this.#stopServing();
    this.#exited(startedAtMs, exitCode);
    if (this.#ending || !this.#host.restarts) return false;
    this.restartCount += 1;
    if (crashed) await this.#backOff(signal);
    return true;
  }

  /** Boots and opens the ports; false when the program crashed on the way. */
  async #serve(plan: ContainerPlan, signal: AbortSignal): Promise<boolean> {
    const setReady = (ready: boolean) => {
      if (signal.aborted || this.ready === ready) return;
      this.ready = ready;
      this.#host.changed();
    };
    if (plan.readiness !== undefined && plan.fault !== 'never-ready')
      void watchReadiness(plan, plan.readiness, this, this.#host, setReady, signal);
    const crashes = plan.fault === 'crash-loop';
    const bootMs = crashes ? Math.min(CRASH_AFTER_MS, this.#host.readyAfterMs) : this.#host.readyAfterMs;
    if (!(await pause(this.#host.sleep, bootMs, signal))) return true;
    if (crashes) {
      this.log.write('panic: the program was told to crash');
      return false;
    }
    try {
      this.server = await openPodServer({
        address: this.#host.address,
        ports: plan.ports,
        identity: { pod: this.#host.name, image: plan.image, revision: this.#host.revision },
        ready: () => plan.fault !== 'never-ready',
        log: (line) => this.log.write(line),
      });
    } catch (error) {
      this.log.write(`bind: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
    this.log.write(`listening on ${plan.ports.map((port) => `${this.#host.address}:${port}`).join(', ') || 'no port'}`);
    await this.#host.publish(plan.name, this.server.hostPorts, signal);
    if (plan.readiness === undefined && plan.fault !== 'never-ready') setReady(true);
    return true;
  }

  /** SIGTERM. Returns the exit code: 0 when all that was open could finish, 143 by the signal, 137 when it was killed. */
  async #stopServing(): Promise<number> {
    const server = this.server;
    if (server === undefined) return this.#host.graceful ? 0 : 143;
    this.log.write('received SIGTERM');
    const finished = this.#host.graceful
      ? await Promise.race([server.shutDown().then(() => true), aborted(this.#kill.signal).then(() => false)])
      : false;
    if (!finished) server.kill();
    this.server = undefined;
    return finished ? 0 : this.#host.graceful ? 137 : 143;
  }

  #exited(startedAtMs: number, exitCode: number): void {
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    this.last = { exitCode, reason, startedAtMs, finishedAtMs: this.#host.now(), containerId: this.containerId };
    this.state = { kind: 'terminated', ...this.last };
    this.ready = false;
    this.#over.resolve();
    this.#host.changed();
  }

  async #backOff(signal: AbortSignal): Promise<void> {
    const ms = this.#backoffMs();
    const message = `back-off ${ms / 1_000}s restarting failed container=${this.plan.name} pod=${this.#host.name}`;
    this.#wait('CrashLoopBackOff', message);
    this.#host.event('Warning', 'BackOff', `Back-off restarting failed container ${this.plan.name}`);
    await pause(this.#host.sleep, ms, signal);
  }

  #backoffMs(): number {
    this.#failures += 1;
    return Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failures - 1), LONGEST_BACKOFF_MS);
  }

  #wait(reason: string, message: string): void {
    this.state = { kind: 'waiting', reason, message };
    this.#host.changed();
  }

  #renew(): void {
    this.#over = Promise.withResolvers();
    this.previousLog = this.log;
    this.log = new LogBuffer(() => this.#host.now());
  }
}
