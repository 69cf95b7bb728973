/**
 * One container through all its lives: pulled, started, serving, restarted, ended.
 * `run` is the only place that changes its state; everything else asks `run` to move on.
 */
import { randomBytes } from 'node:crypto';
import { type ContainerPlan, serves } from '../pod/pod-plan.ts';
import { dialOf } from '../probe/health.ts';
import { type HealthWatch, startHealth } from '../probe/start-health.ts';
import type { PodServer } from '../server/pod-server.ts';
import { Backoff, FIRST_BACKOFF_MS } from './backoff.ts';
import { type ContainerProcess, followProcess } from './container-process.ts';
import { openServer, stopServer } from './container-program.ts';
import type { ContainerState, Terminated } from './container-state.ts';
import { GRACE_OVER, LEAST_GRACE_MS } from './grace.ts';
import { LogBuffer } from './log-buffer.ts';
import type { PodHost } from './pod-host.ts';
import { aborted, sleepUnlessAborted } from './sleep-unless-aborted.ts';
import { runHook } from './stop-hook.ts';

/** A crash comes this long after the start at the latest. */
const CRASH_AFTER_MS = 300;

export class Container {
  plan: ContainerPlan;
  state: ContainerState = { kind: 'waiting', reason: 'ContainerCreating' };
  last: Terminated | undefined;
  ready = false;
  /** The startup probe has succeeded. */
  started = false;
  restartCount: number;
  containerId = '';
  server: PodServer | undefined;
  process: ContainerProcess | undefined;
  log: LogBuffer;
  previousLog: LogBuffer | undefined;
  /** `start` was called: its turn has come. */
  begun = false;
  readonly #host: PodHost;
  #ending = false;
  /** The probes of the present life. */
  #health: HealthWatch | undefined;
  /** A preStop hook is running. */
  #hooked = false;
  /** A probe has ended the present life. */
  #unhealthy = false;
  /** Ends the present life, or the present wait. */
  #move = new AbortController();
  /** Once aborted, whatever is still open is cut. */
  #kill = new AbortController();
  readonly #backoff = new Backoff();
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

  /** Whether the containers after it may begin: an init container is over, a sidecar has started. */
  get isInitialised(): boolean {
    if (this.plan.role === 'init') return this.state.kind === 'terminated' && this.state.exitCode === 0;
    return this.plan.role !== 'sidecar' || (this.state.kind === 'running' && this.started);
  }

  /** Once, and not after `terminate`. */
  start(): void {
    if (this.begun || this.#ending) return;
    this.begun = true;
    this.#running = this.#run();
  }

  /** Takes a changed image in place: the running container ends as it would for any other reason, and starts anew. */
  setPlan(plan: ContainerPlan): void {
    const changed = plan.image !== this.plan.image;
    this.plan = plan;
    if (!changed || this.#ending) return;
    this.#backoff.reset();
    this.#restart(`Container ${plan.name} definition changed, will be restarted`);
  }

  #restart(because: string): void {
    this.#host.event('Normal', 'Killing', because);
    void this.#beginEnd();
    const kill = this.#kill;
    void sleepUnlessAborted(this.#host.sleep, this.#host.graceMs, kill.signal).then(() => kill.abort());
  }

  /** preStop, SIGTERM, then what is open finishes or is cut when `kill` aborts. Resolves when the container has ended. */
  async terminate(kill: AbortSignal): Promise<void> {
    this.#ending = true;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    void aborted(kill).then(async () => {
      resolve();
      // A hook that ran until now is over, and the program still gets its SIGTERM and two seconds.
      if (this.#hooked && kill.reason === GRACE_OVER)
        await sleepUnlessAborted(this.#host.sleep, LEAST_GRACE_MS, this.#kill.signal);
      this.#kill.abort();
    });
    await Promise.race([this.#beginEnd(), over]);
    this.#move.abort();
    await this.#running;
  }

  async #beginEnd(): Promise<void> {
    const move = this.#move;
    if (this.state.kind === 'running') await this.#runHook();
    move.abort();
  }

  async #runHook(): Promise<void> {
    const { preStop, image, name } = this.plan;
    if (preStop === undefined) return;
    this.#hooked = true;
    const { address, sleep } = this.#host;
    const dial = preStop.kind === 'http' ? dialOf(this.plan, preStop.ask, this.server, address) : undefined;
    const failure = await runHook(preStop, image, dial, sleep, this.#kill.signal);
    this.#hooked = false;
    if (failure !== undefined)
      this.#host.event('Warning', 'FailedPreStopHook', `PreStopHook failed in container ${name}: ${failure}`);
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
    if (!(await sleepUnlessAborted(this.#host.sleep, FIRST_BACKOFF_MS, signal))) return;
    this.#wait('ImagePullBackOff', `Back-off pulling image "${image}"`);
    await sleepUnlessAborted(this.#host.sleep, this.#backoff.nextMs(), signal);
  }

  /** From start to exit; true when another life may follow. */
  async #live(plan: ContainerPlan, signal: AbortSignal): Promise<boolean> {
    if (this.last !== undefined) this.#renew();
    this.containerId = randomBytes(32).toString('hex');
    const startedAtMs = this.#host.now();
    this.state = { kind: 'running', startedAtMs };
    this.started = plan.startup === undefined;
    this.#host.changed();
    this.process = this.#host.launch?.(plan.name, (line) => this.log.write(line));
    if (this.process === undefined && plan.role === 'init' && plan.fault === undefined) {
      this.#exited(startedAtMs, 0);
      return false;
    }
    this.#host.event('Normal', 'Started', `Started container ${plan.name}`);
    if (this.process !== undefined) {
      this.ready = true;
      this.#exited(startedAtMs, await followProcess(this.process, signal, this.#kill.signal));
      return this.#host.restarts && !(plan.role === 'init' && this.isInitialised);
    }
    const crashed = !(await this.#work(plan, signal));
    if (!crashed) await aborted(signal);
    const { onTerminate } = this.#host;
    const exitCode = crashed ? 1 : await stopServer(this.server, onTerminate, this.#kill.signal, this.log);
    this.server = undefined;
    this.#exited(startedAtMs, exitCode);
    if (this.#ending || !(this.#host.restarts || plan.role === 'sidecar')) return false;
    this.restartCount += 1;
    if (crashed) await this.#backOff(signal);
    else if (this.#unhealthy) await this.#recover();
    return true;
  }

  /** As after a crash, but a first restart for a probe's sake comes at once. */
  async #recover(): Promise<void> {
    this.#unhealthy = false;
    this.#move = new AbortController();
    if (this.#backoff.began) await this.#backOff(this.#move.signal);
    else this.#backoff.begin();
  }

  /** Runs the program until it only has to wait for its end; false when it crashed on the way. */
  async #work(plan: ContainerPlan, signal: AbortSignal): Promise<boolean> {
    if (serves(plan)) return this.#serve(plan, signal);
    return plan.fault !== 'crash-loop' || this.#crash(CRASH_AFTER_MS, signal);
  }

  /** True when something else ends the life before it crashes. */
  async #crash(afterMs: number, signal: AbortSignal): Promise<boolean> {
    if (!(await sleepUnlessAborted(this.#host.sleep, afterMs, signal))) return true;
    this.log.write('panic: the program was asked to crash');
    return false;
  }

  /** Boots and opens the ports; false when the program crashed on the way. */
  async #serve(plan: ContainerPlan, signal: AbortSignal): Promise<boolean> {
    const serves = plan.fault !== 'never-ready';
    this.#health = startHealth(this, this.#host, serves, signal, (probe) => {
      this.#unhealthy = true;
      this.#restart(`Container ${plan.name} failed ${probe} probe, will be restarted`);
    });
    const { listenAfterMs, readyAfterMs } = this.#host;
    const takesMs = listenAfterMs ?? readyAfterMs;
    if (listenAfterMs !== undefined) this.#health.serving();
    if (plan.fault === 'crash-loop') return this.#crash(Math.min(CRASH_AFTER_MS, takesMs), signal);
    if (!(await sleepUnlessAborted(this.#host.sleep, takesMs, signal))) return true;
    this.server = await openServer(plan, this.#host, this.log);
    if (this.server === undefined) return false;
    await this.#host.publish(plan.name, this.server.hostPorts, signal);
    this.#health.serving();
    return true;
  }

  #exited(startedAtMs: number, exitCode: number): void {
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    this.last = { exitCode, reason, startedAtMs, finishedAtMs: this.#host.now(), containerId: this.containerId };
    this.state = { kind: 'terminated', ...this.last };
    this.#health?.stop();
    this.ready = false;
    this.started = false;
    this.#over.resolve();
    this.#host.changed();
  }

  async #backOff(signal: AbortSignal): Promise<void> {
    const ms = this.#backoff.nextMs();
    const message = `back-off ${ms / 1_000}s restarting failed container=${this.plan.name} pod=${this.#host.name}`;
    this.#wait('CrashLoopBackOff', message);
    this.#host.event('Warning', 'BackOff', `Back-off restarting failed container ${this.plan.name}`);
    await sleepUnlessAborted(this.#host.sleep, ms, signal);
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
