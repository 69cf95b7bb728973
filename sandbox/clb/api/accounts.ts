/** The keys that the sandbox's cloud accepts: its own, and temporary ones that its STS gives out. */

import { randomBytes } from 'node:crypto';
import { CloudFault } from '../balancers/fault.ts';

export interface CloudCredential {
  secretId: string;
  secretKey: string;
  /** Session token of a temporary credential; requests must carry it in X-TC-Token. */
  token?: string;
}

interface Account extends CloudCredential {
  expiresAtMs: number | undefined;
  /** How GetCallerIdentity names it. */
  arn: string;
}

/** Every credential that the endpoint accepts, permanent and temporary. */
export class Accounts {
  readonly #bySecretId = new Map<string, Account>();

  constructor(credentials: readonly CloudCredential[]) {
    for (const credential of credentials) {
      this.#bySecretId.set(credential.secretId, {
        ...credential,
        expiresAtMs: undefined,
        arn: 'qcs::cam::uin/100000000001:uin/100000000001',
      });
    }
  }

  /** Throws AuthFailure.SecretIdNotFound, or AuthFailure.TokenFailure when the token is wrong, missing or expired. */
  find(secretId: string, token: string | undefined, nowMs: number): Account {
    const account = this.#bySecretId.get(secretId);
    if (account === undefined) {
      throw new CloudFault(
        'AuthFailure.SecretIdNotFound',
        'The SecretId is not found, please ensure that it is correct.',
      );
    }
    const expired = account.expiresAtMs !== undefined && account.expiresAtMs <= nowMs;
    if (expired || (account.token ?? '') !== (token ?? '')) {
      throw new CloudFault('AuthFailure.TokenFailure', expired ? 'The token has expired.' : 'The token is not valid.');
    }
    return account;
  }

  arnOf(secretId: string): string {
    return this.#bySecretId.get(secretId)?.arn ?? '';
  }

  /** A temporary credential for an assumed role. */
  assume(arn: string, expiresAtMs: number): Required<CloudCredential> {
    const credential = { ...newCredential(), token: randomBytes(24).toString('base64url') };
    this.#bySecretId.set(credential.secretId, { ...credential, expiresAtMs, arn });
    return credential;
  }
}

/** A random key pair in the cloud's form. */
export function newCredential(): CloudCredential {
  return { secretId: `AKID${randomBytes(16).toString('hex')}`, secretKey: randomBytes(16).toString('hex') };
}
