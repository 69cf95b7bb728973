/**
 * Every way a verb can end, as an exit code and a class of error.
 * An error carries what was wrong, and `hint`: what is accepted or what to type next.
 */

import { ExitCode, Reason } from './exit-code.ts';
import type { DoneResult, Refusal } from './refusal.ts';
import { type Advice, adviceOf, lines } from './values/command.ts';
import { way } from './values/way.ts';

export { ExitCode } from './exit-code.ts';

export type { DoneResult, Refusal } from './refusal.ts';

/** The base of all errors that this program raises on purpose. */
export class ZerolossError extends Error {
  readonly exitCode: ExitCode;
  /** The accepted values, or the next command to type. */
  advice: Advice | undefined;
  /** The message as data: `details` of -o json. Plain JSON values only. */
  readonly evidence: unknown;
  /** The results of the command when it failed, one entry per object; empty where it had done nothing or does not know. */
  results: readonly DoneResult[];

  constructor(
    exitCode: ExitCode,
    message: string,
    options: {
      hint?: string | Advice | undefined;
      cause?: unknown;
      evidence?: unknown;
      results?: readonly DoneResult[] | undefined;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.exitCode = exitCode;
    this.advice = adviceOf(options.hint);
    this.evidence = options.evidence;
    this.results = options.results ?? [];
  }

  /** The advice as a text, its commands without the flags of the connection. */
  get hint(): string | undefined {
    return this.advice?.toString();
  }

  /** Adds what a longer work knows beside the step that failed. Returns this very error, so that its class stays. */
  inWhole(whole: { hint?: string | Advice; results?: readonly DoneResult[] }): this {
    if (whole.hint !== undefined) this.advice = adviceOf(whole.hint);
    if (whole.results !== undefined) this.results = whole.results;
    return this;
  }
}

/** The command line, or a text on it, cannot be understood (exit 2). Nothing was read or written. */
export class UsageError extends ZerolossError {
  constructor(message: string, hint?: string | Advice) {
    super(ExitCode.usage, message, { hint });
  }
}

/** Several mistakes of one command line; each keeps its own hint. */
export class UsageErrors extends UsageError {
  readonly each: readonly UsageError[];

  constructor(each: readonly UsageError[]) {
    const hints = new Map(
      each.flatMap(({ advice }) => (advice === undefined ? [] : [[String(advice), advice] as const])),
    );
    super(each.map(({ message }) => message).join('\n'), hints.size === 0 ? undefined : lines(...hints.values()));
    this.each = each;
  }
}

/** One or more safety rules said no (exit 4). Nothing was written. All refusals are collected, not only the first. */
export class RefusedError extends ZerolossError {
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[], hint?: string | Advice, evidence?: unknown) {
    super(ExitCode.refused, refusals.map((refusal) => refusal.message).join('; '), { hint, evidence });
    this.refusals = refusals;
  }
}

/** Another writer kept changing the same object, or someone else holds the operation (exit 5). */
export class ConflictError extends ZerolossError {
  constructor(message: string, hint?: string | Advice, cause?: unknown) {
    super(ExitCode.conflict, message, { hint, cause });
  }
}

/** Another operator holds the lease of the StatefulSet (exit 5). The verb that took nothing else before may add that nothing was written. */
export class OtherOperatorError extends ConflictError {
  /** Once it is known whether this run has written. */
  afterWrites(wrote: boolean): this {
    if (!wrote) this.message += '; nothing was written';
    return this;
  }
}

/** The awaited evidence did not come in time (exit 6). Running the same command again is safe. */
export class NotYetError extends ZerolossError {
  constructor(message: string, hint?: string | Advice, evidence?: unknown) {
    super(ExitCode.notYet, message, { hint, evidence });
  }
}

/** A colleague has paused the target (exit 6): its hint names how it goes on. */
export class PausedError extends NotYetError {}

/** `--timeout` has passed while a server had not answered (exit 6): what a wait was waiting for is not known better than that. */
export class TimeLimitError extends NotYetError {
  readonly #limit: string;

  /** `limit`: the time-out, for people; `request`: what had not been answered. */
  constructor(limit: string, request?: string) {
    super(timeLimitText(limit, request), way('on', 'run the same command again; --timeout sets how long it may take'));
    this.#limit = limit;
  }

  /** The same, naming the request that was cut. This error names it from now on, too: work that went on without the answer ends with it. */
  during(request: string): TimeLimitError {
    if (this.message === timeLimitText(this.#limit)) this.message = timeLimitText(this.#limit, request);
    return new TimeLimitError(this.#limit, request);
  }
}

const timeLimitText = (limit: string, request?: string): string =>
  `the time-out of ${limit} passed${request === undefined ? '' : `; ${request} was not answered`}`;

/** No one agreed before the first write: the answer was not y, or there was no terminal to ask on (exit 6). Nothing was written. */
export class NotStartedError extends NotYetError {
  constructor(hint: string | Advice, because?: string) {
    super(`not started, nothing written${because === undefined ? '' : `: ${because}`}`, hint);
  }

  /** The same no in a run that has written, or still finishes pods that are out. */
  afterWrites(statefulSet: string): NotYetError {
    return new NotYetError(`no further pod of statefulset/${statefulSet} is drained (answered no)`, this.advice);
  }
}

/** A rule said no, or an input made no sense, after this command had written (exit 7, never 4 or 2). */
export class UnfinishedError extends ZerolossError {
  readonly reason = Reason.unfinished;
  readonly refusals: readonly Refusal[];

  constructor(stoppedBy: ZerolossError, hint: string | Advice | undefined) {
    const { message, evidence, results } = stoppedBy;
    super(ExitCode.disagrees, message, { hint, evidence, results, cause: stoppedBy });
    this.refusals = stoppedBy instanceof RefusedError ? stoppedBy.refusals : [];
  }
}

/** The write was accepted, but the world does not show what was asked for (exit 7). */
export class DisagreesError extends ZerolossError {
  readonly reason = Reason.disagrees;
  /** The part of the world, for people: shown behind the reason. */
  readonly shown: string | undefined;

  constructor(message: string, hint?: string | Advice, shown?: string) {
    super(ExitCode.disagrees, message, { hint });
    this.shown = shown;
  }
}

/** The cluster's or the cloud's answer, the configuration, or the network failed (exit 1). */
export class ConnectionError extends ZerolossError {
  /** The same request may succeed later without any repair: a long wait goes on, and concludes nothing meanwhile. */
  readonly retryable: boolean;

  constructor(
    message: string,
    options: { hint?: string | Advice | undefined; cause?: unknown; retryable?: boolean | undefined } = {},
  ) {
    super(ExitCode.error, message, options);
    this.retryable = options.retryable ?? false;
  }
}

/**
 * A Status body of the API server (kubernetes API conventions, "Response Status Kind").
 * `message` is already in kubectl's words: `Error from server (NotFound): …`.
 */
export class StatusError extends ZerolossError {
  readonly httpStatus: number;
  /** The machine-readable reason: NotFound, Conflict, Forbidden, Invalid, AlreadyExists, Expired, TooManyRequests, … */
  readonly reason: string;
  /** The server's own sentence, without kubectl's prefix. */
  readonly serverMessage: string;
  readonly details: unknown;

  constructor(
    httpStatus: number,
    reason: string,
    serverMessage: string,
    options: { message?: string; details?: unknown; hint?: string | Advice } = {},
  ) {
    super(ExitCode.error, options.message ?? `Error from server (${reason}): ${serverMessage}`, { hint: options.hint });
    this.httpStatus = httpStatus;
    this.reason = reason;
    this.serverMessage = serverMessage;
    this.details = options.details;
  }
}

/** An error code of the cloud's API (facts: CLB API 2018-03-17, Cloud Monitor 2018-07-24), with the RequestId to quote to support. */
export class CloudError extends ZerolossError {
  readonly code: string;
  readonly requestId: string | undefined;
  /** As ConnectionError's: throttled, or the cloud stumbled. Refused credentials and unknown codes are not. */
  readonly retryable: boolean;

  constructor(
    code: string,
    message: string,
    options: {
      requestId?: string | undefined;
      hint?: string | Advice | undefined;
      cause?: unknown;
      retryable?: boolean | undefined;
    } = {},
  ) {
    super(ExitCode.error, message, options);
    this.code = code;
    this.requestId = options.requestId;
    this.retryable = options.retryable ?? false;
  }
}

/** The user or the system asked to stop (130 for SIGINT, 143 for SIGTERM). */
export class InterruptedError extends ZerolossError {
  /** The same interruption where this run turns out to have written nothing; undefined: the flow has no other words for it. */
  readonly unwritten: InterruptedError | undefined;

  constructor(signal: 'SIGINT' | 'SIGTERM', message: string, hint?: string | Advice, unwritten?: InterruptedError) {
    super(signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated, message, { hint });
    this.unwritten = unwritten;
  }
}

/** Statuses by which the API server, or what it asks on our behalf, says "not now" (RFC 9110 and RFC 6585). */
const PASSING_STATUSES: readonly number[] = [429, 500, 502, 503, 504];

/** Whether a long wait may go on after this error. Everything that is not known to pass ends it. */
export function isPassing(error: unknown): error is StatusError | ConnectionError | CloudError {
  if (error instanceof StatusError) return PASSING_STATUSES.includes(error.httpStatus);
  return (error instanceof ConnectionError || error instanceof CloudError) && error.retryable;
}
