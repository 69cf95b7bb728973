/** The credentials of one run: found once, read again from the same place when they come to their end. */
import { ConnectionError } from '../../core/errors.ts';
import { maskId } from '../../core/values/mask.ts';
import { environmentSource } from './environment.ts';
import { NoCredentialsError } from './no-credentials.ts';
import type { CloudKeys, CredentialContext, CredentialSource } from './source.ts';

/** Temporary credentials are read again this long before their end, so that none expires on the way to the cloud; until then the old ones do if need be. */
const MARGIN_MS = 60_000;

/** Whose credentials a call was made with, for messages. */
export interface CredentialIdentity {
  /** `environment (AKID****wxyz)`. */
  text: string;
  renewal: string;
}

export interface CredentialHolder {
  /** The credential to sign with now. Throws ConnectionError when there is none, or when it has expired and its source has no newer one. */
  current(signal?: AbortSignal): Promise<CloudKeys>;
  /** After the cloud refused `credential`: true when its source holds another one by now. */
  renew(credential: CloudKeys, signal?: AbortSignal): Promise<boolean>;
  identity(credential: CloudKeys): CredentialIdentity;
}

export function createHolder(sources: readonly CredentialSource[], context: CredentialContext): CredentialHolder {
  let held: { credential: CloudKeys; source: CredentialSource } | undefined;
  let pending: Promise<CloudKeys> | undefined;

  const identity = (credential: CloudKeys): CredentialIdentity => ({
    text: `${held?.source.name(context) ?? 'unknown place'} (${maskId(credential.secretId)})`,
    renewal: held?.source.renewal(context) ?? '',
  });

  const leftMs = ({ expiresAtMs = Number.POSITIVE_INFINITY }: CloudKeys): number => expiresAtMs - context.clock.now();

  const load = async (signal: AbortSignal | undefined): Promise<CloudKeys> => {
    const found =
      held === undefined
        ? await search(sources, context, signal)
        : { source: held.source, credential: await again(held.source, context, signal) };
    const { credential } = found;
    if (credential.expiresAtMs === undefined || leftMs(credential) > 0) {
      held = found;
      return credential;
    }
    held ??= found;
    const { text, renewal } = identity(credential);
    throw new ConnectionError(
      `the cloud credentials from ${text} expired at ${new Date(credential.expiresAtMs).toISOString()}`,
      { hint: renewal },
    );
  };
  /** Calls that need the credential at the same time share one look-up. */
  const shared = (signal: AbortSignal | undefined): Promise<CloudKeys> => {
    pending ??= load(signal).finally(() => {
      pending = undefined;
    });
    return pending;
  };

  return {
    identity,
    async current(signal) {
      const credential = held?.credential;
      if (credential !== undefined && leftMs(credential) > MARGIN_MS) return credential;
      try {
        return await shared(signal);
      } catch (error) {
        // A metadata service that is silent for a second must not end a wait: the next call asks it again.
        if (signal?.aborted === true || credential === undefined || leftMs(credential) <= 0) throw error;
        context.trace(
          1,
          `the cloud credentials cannot be renewed yet: ${error instanceof Error ? error.message : error}`,
        );
        return credential;
      }
    },
    async renew(refused, signal) {
      const isSame = (other: CloudKeys) =>
        other.secretId === refused.secretId && other.secretKey === refused.secretKey && other.token === refused.token;
      // Another call may have renewed it in the meantime.
      if (held !== undefined && !isSame(held.credential)) return true;
      return !isSame(await shared(signal));
    },
  };
}

async function search(
  sources: readonly CredentialSource[],
  context: CredentialContext,
  signal: AbortSignal | undefined,
): Promise<{ credential: CloudKeys; source: CredentialSource }> {
  const places: string[] = [];
  for (const source of sources) {
    const found = await source.find(context, signal);
    if (!('absent' in found)) {
      // The order is fixed, but a profile asked for by name and not used should not go unnoticed.
      if (source === environmentSource && context.flags.profile !== undefined) {
        context.trace(0, `credentials come from the environment, which goes before --profile ${context.flags.profile}`);
      }
      return { credential: found, source };
    }
    places.push(`${source.name(context)} (${found.absent})`);
  }
  throw new NoCredentialsError(
    places,
    'export TENCENTCLOUD_SECRET_ID=... TENCENTCLOUD_SECRET_KEY=..., or log in with: tccli auth login',
  );
}

async function again(
  source: CredentialSource,
  context: CredentialContext,
  signal: AbortSignal | undefined,
): Promise<CloudKeys> {
  const found = await source.find(context, signal);
  if (!('absent' in found)) return found;
  throw new ConnectionError(`the cloud credentials from ${source.name(context)} are gone: ${found.absent}`, {
    hint: source.renewal(context),
  });
}
