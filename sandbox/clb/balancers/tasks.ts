import { CloudFault } from './fault.ts';

/** State of an asynchronous configuration task (CLB API, DescribeTaskStatus: 0 done, 1 failed, 2 running). */
export interface TaskState {
  status: 0 | 1 | 2;
  balancerId: string;
  message: string;
}

/** A submitted task; `done` resolves when it is over, whether it succeeded or not. */
export interface Task {
  id: string;
  done: Promise<TaskState>;
}

const KEPT_TASKS = 10_000;

/** The cloud's asynchronous tasks: each takes effect after a lag, and a balancer has one at a time. */
export class TaskBook {
  readonly #lagMs: () => number;
  readonly #newId: () => string;
  readonly #states = new Map<string, TaskState>();
  readonly #busy = new Set<string>();
  readonly #cancel = new Map<string, () => void>();
  #failuresToCome: string[] = [];

  constructor(lagMs: () => number, newId: () => string) {
    this.#lagMs = lagMs;
    this.#newId = newId;
  }

  /** Runs `work` after the lag. Throws FailedOperation.ResourceInOperating while another task of the balancer runs. */
  submit(balancerId: string, work: () => void | Promise<void>): Task {
    if (this.#busy.has(balancerId)) {
      throw new CloudFault(
        'FailedOperation.ResourceInOperating',
        `The load balancer ${balancerId} is being operated by another task; wait until it is over and try again.`,
      );
    }
    const id = this.#newId();
    const state: TaskState = { status: 2, balancerId, message: '' };
    this.#states.set(id, state);
    this.#forgetOldest();
    this.#busy.add(balancerId);
    return { id, done: this.#run(id, state, work) };
  }

  status(id: string): TaskState | undefined {
    return this.#states.get(id);
  }

  /** Makes the next `times` tasks fail when their lag is over, with nothing changed. */
  failNext(times = 1, message = 'internal error of the load balancer'): void {
    this.#failuresToCome = Array.from({ length: times }, () => message);
  }

  /** Fails every task that has not run yet. */
  stop(): void {
    for (const cancel of this.#cancel.values()) cancel();
  }

  async #run(id: string, state: TaskState, work: () => void | Promise<void>): Promise<TaskState> {
    const cancelled = await this.#lag(id);
    const failure = cancelled ? 'the load balancer was stopped' : this.#failuresToCome.shift();
    try {
      if (failure !== undefined) throw new Error(failure);
      await work();
      state.status = 0;
    } catch (error) {
      state.status = 1;
      state.message = error instanceof Error ? error.message : String(error);
    } finally {
      this.#busy.delete(state.balancerId);
    }
    return state;
  }

  #lag(id: string): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (cancelled: boolean): void => {
        clearTimeout(timer);
        this.#cancel.delete(id);
        resolve(cancelled);
      };
      const timer = setTimeout(() => settle(false), this.#lagMs());
      this.#cancel.set(id, () => settle(true));
    });
  }

  #forgetOldest(): void {
    if (this.#states.size <= KEPT_TASKS) return;
    for (const [id, state] of this.#states) {
      if (state.status !== 2) {
        this.#states.delete(id);
        return;
      }
    }
  }
}
