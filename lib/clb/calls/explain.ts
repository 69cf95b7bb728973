/** Failures in words: what was asked, who was asked, what came back, and what to do about it. */
import { CloudError, ConnectionError } from '../../core/errors.ts';
import { inOneLine } from '../../core/values/read.ts';
import type { CredentialIdentity } from '../credentials/holder.ts';
import type { Failure } from './cloud-failure.ts';
import { isCredentialCode, retryClass } from './cloud-retry.ts';

export interface CallFacts {
  service: string;
  action: string;
  region: string;
  host: string;
  timeoutMs: number;
  /** undefined: the request was not signed. */
  identity: CredentialIdentity | undefined;
}

/** CloudError when the cloud itself said no (with its code and RequestId), else ConnectionError. */
export function explain(failure: Failure, call: CallFacts): CloudError | ConnectionError {
  const retryable = ['throttled', 'busy', 'network'].includes(retryClass(failure));
  if (failure.kind === 'api') {
    const { code, message, requestId } = failure;
    const quoted = requestId === undefined ? code : `${code}, RequestId ${requestId}`;
    return new CloudError(code, `the cloud refused ${call.service}:${call.action}: ${inOneLine(message)} (${quoted})`, {
      requestId,
      hint: hintOf(code, call),
      retryable,
    });
  }
  const { text, hint } = explainSilence(failure, call);
  return new ConnectionError(text, { hint, retryable });
}

const PROXY_PASSWORD = 'the proxy wants a user and a password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT';

function explainSilence(failure: Exclude<Failure, { kind: 'api' }>, call: CallFacts): { text: string; hint: string } {
  const { host, service, action } = call;
  const what = `${service}:${action}`;
  switch (failure.kind) {
    case 'http':
      return {
        text: `${host} answered ${what} with HTTP status ${failure.status} ${failure.text}`.trim(),
        hint:
          failure.status === 407
            ? PROXY_PASSWORD
            : 'nothing was concluded from it; run the command again, and check the proxy if there is one',
      };
    case 'timeout':
      return {
        text: `${host} did not answer ${what} within ${call.timeoutMs / 1000} s`,
        hint: 'check the network and HTTPS_PROXY; inside a VPC of the cloud: --cloud-site internal',
      };
    case 'network':
      return { text: `cannot reach ${host} for ${what}: ${failure.reason}`, hint: networkHint(failure.reason) };
    case 'not-the-api':
      return {
        text: `${host} answered ${what}, but not as the cloud's API does: ${failure.reason}`,
        hint: 'a proxy or a login page may have answered in its place; check HTTPS_PROXY and --cloud-site',
      };
  }
}

function networkHint(reason: string): string {
  if (/refused the tunnel: 407/.test(reason)) return PROXY_PASSWORD;
  if (/certificate|self.signed|unable to verify|altname/i.test(reason)) {
    return 'if a proxy inspects TLS here, name its CA: NODE_EXTRA_CA_CERTS=/path/ca.pem';
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(reason)) return 'the name does not resolve; check DNS, --cloud-site and HTTPS_PROXY';
  return 'check the network, HTTPS_PROXY and --cloud-site';
}

function hintOf(code: string, { service, action, region, identity }: CallFacts): string {
  const used = identity === undefined ? 'workload identity' : identity.text;
  if (code === 'AuthFailure.SignatureExpire') {
    return "this machine's clock is more than 5 minutes off the cloud's; compare `date -u` with the real time and set it";
  }
  if (isCredentialCode(code))
    return `credentials used: ${used}; ${identity?.renewal ?? 'check the role and its trust'}`;
  if (/^UnauthorizedOperation/.test(code)) {
    return `credentials used: ${used}; allow them ${service}:${action} (the whole list: deploy/cam-policy.json)`;
  }
  if (/RegionNotFound|UnsupportedRegion/.test(code))
    return `the request went to region ${region}; --region names another`;
  if (/NotFound/.test(code)) return `looked in region ${region}; is that the right one? --region names another`;
  if (/ErrOwed|ErrNotOpen/.test(code)) {
    return 'Cloud Monitor is not open for this account, or its free calls are used up; count elsewhere: --source pod';
  }
  if (/^RequestLimitExceeded/.test(code)) {
    return `the quota of ${action} is used up, perhaps by other programs of the same account; run the command again`;
  }
  return 'nothing was concluded from it; quote the RequestId to the support of the cloud if it stays';
}
