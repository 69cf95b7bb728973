/** Misbehaviour on request: the ways in which a real account's API fails, lies or is late. */
import { CloudFault } from '../balancers/fault.ts';

/** How the endpoint misbehaves. */
export type FaultKind =
  /** RequestLimitExceeded. */
  | 'rate-limit'
  /** InternalError. */
  | 'internal-error'
  /** AuthFailure.TokenFailure, as when a temporary credential expires in the middle of a wait. */
  | 'expired-token'
  /** UnauthorizedOperation, as when the CAM policy lacks the action. */
  | 'unauthorized'
  /** An undocumented error code; `code` names it. */
  | 'unknown-code'
  /** HTTP 200 with a page of HTML. */
  | 'html-200'
  /** HTTP 502 with a page of HTML. */
  | 'http-502'
  /** No answer at all. */
  | 'timeout'
  /** The connection is reset. */
  | 'reset'
  /** GetMonitorData: series without points, as for a wrong dimension set; with `omit`, no series at all. */
  | 'empty-series'
  /** GetMonitorData: points come `delayMs` (default 300 s) after their period. */
  | 'late-points'
  /** GetMonitorData: the points of the `gapSeconds` (default: one period) from `sinceMs` (default: now) on never come. */
  | 'missing-point'
  /** GetMonitorData: no point newer than now; other actions: the same answer as before, for ever. */
  | 'stale'
  /** Lists inside the answer's items, or the fields named by `fields`, are null. */
  | 'null-fields'
  /** GetMonitorData: ConNum never falls below `floor` (default 1). */
  | 'never-zero'
  /** Backend dimensions are neither announced nor served, as the newest documentation can be read. */
  | 'no-backend-dimensions'
  /** The next configuration tasks of the balancers fail. */
  | 'task-fails'
  /** DescribeTargets and DescribeTargetHealth show `weight` (default 10), for `address` or for all. */
  | 'wrong-weight';

export interface Misbehaviour {
  kind: FaultKind;
  /** Only this action; default: every one. */
  action?: string;
  /** How many calls; default: until undone. */
  times?: number;
  /** How many matching calls go well first; default 0. */
  after?: number;
  code?: string;
  delayMs?: number;
  sinceMs?: number;
  gapSeconds?: number;
  omit?: boolean;
  fields?: readonly string[];
  floor?: number;
  weight?: number;
  address?: string;
}

/** A misbehaviour that is in force, with the time at which it was asked for. */
export interface ActiveFault extends Misbehaviour {
  askedAtMs: number;
}

/** The misbehaviours asked for; each call takes those that apply to it and uses them up. */
export class Faults {
  #active: (ActiveFault & { left: number; spare: number })[] = [];

  /** Answers how to undo it. */
  add(fault: Misbehaviour, nowMs: number): () => void {
    const entry = {
      ...fault,
      askedAtMs: nowMs,
      left: fault.times ?? Number.POSITIVE_INFINITY,
      spare: fault.after ?? 0,
    };
    this.#active.push(entry);
    return () => {
      this.#active = this.#active.filter((other) => other !== entry);
    };
  }

  clear(): void {
    this.#active = [];
  }

  /** The faults for one call of `action`. */
  take(action: string): readonly ActiveFault[] {
    const applying = this.#active.filter((fault) => fault.action === undefined || fault.action === action);
    const due = applying.filter((fault) => {
      fault.spare -= 1;
      return fault.spare < 0;
    });
    for (const fault of due) fault.left -= 1;
    this.#active = this.#active.filter(({ left }) => left > 0);
    return due;
  }
}

/** Throws when a fault stands for an error of the API. */
export function throwFault(faults: readonly ActiveFault[]): void {
  for (const { kind, code } of faults) {
    if (kind === 'rate-limit') {
      throw new CloudFault('RequestLimitExceeded', 'Your current request times exceed the frequency limit.');
    }
    if (kind === 'internal-error')
      throw new CloudFault('InternalError', 'An internal error has occurred. Retry your request.');
    if (kind === 'expired-token') throw new CloudFault('AuthFailure.TokenFailure', 'The token has expired.');
    if (kind === 'unauthorized') {
      throw new CloudFault('UnauthorizedOperation', 'You are not authorized to perform this operation.');
    }
    if (kind === 'unknown-code') throw new CloudFault(code ?? 'FailedOperation.NeverHeardOf', 'Something went wrong.');
  }
}
