/** Which failures are worth another try. A code that is not known is final: it is never taken for success, nor for zero. */
import type { Failure } from './cloud-failure.ts';

export type RetryClass =
  /** Over the quota: try again for as long as the call may last. */
  | 'throttled'
  /** The balancer is being changed by another caller, or the cloud stumbled. */
  | 'busy'
  /** There was no answer, or not the cloud's. */
  | 'network'
  /** The credentials are refused: only others will help. */
  | 'credential'
  | 'final';

const THROTTLED = /^RequestLimitExceeded(\.|$)/;
// InternalError is retried although Terraform's provider does not: every action here only reads.
const BUSY = /^(InternalError|ResourceInUse|ResourceUnavailable|FailedOperation\.ResourceInOperating)(\.|$)/;
const BAD_CERTIFICATE = /certificate|self.signed|unable to verify|altname/i;

export function retryClass(failure: Failure): RetryClass {
  switch (failure.kind) {
    case 'api':
      if (THROTTLED.test(failure.code)) return 'throttled';
      if (BUSY.test(failure.code)) return 'busy';
      return isCredentialCode(failure.code) ? 'credential' : 'final';
    case 'http':
      return failure.status === 429 ? 'throttled' : failure.status >= 500 ? 'network' : 'final';
    case 'network':
      return BAD_CERTIFICATE.test(failure.reason) ? 'final' : 'network';
    case 'timeout':
    case 'not-the-api':
      return 'network';
  }
}

/** Codes that say "not with these credentials". UnauthorizedOperation is not one: there they are valid, but not allowed to. */
export const isCredentialCode = (code: string): boolean => /^AuthFailure(\.|$)/.test(code);

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8000;

/** Pause before try `attempt` + 1 (the first try is 1): doubling, with the upper half drawn by lot so that callers spread out. */
export function backoffMs(attempt: number, random: () => number): number {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random());
}
