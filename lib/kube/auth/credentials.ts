import { ConnectionError } from '../../core/errors.ts';
import { readText } from '../../read-file.ts';
import type { ConnectionPlan } from '../config/connection-plan.ts';
import type { KubeconfigUser } from '../config/kubeconfig-model.ts';

/** client-go reads a token file again after this long. */
const TOKEN_FILE_AGE_MS = 60_000;

/** The identity that one request shows. */
export interface Identity {
  /** The Authorization header's value. */
  authorization?: string;
  /** A client certificate that the credentials brought themselves (exec plugins); PEM. */
  cert?: Buffer;
  key?: Buffer;
}

/** A source of identities that may grow old. */
export interface Credentials {
  /** Rejects with the signal's reason, too. */
  current(signal?: AbortSignal): Promise<Identity>;
  /** The server answered 401 to this identity: forget it, if it is the current one still. False when asking again would bring the same. */
  renew(refused: Identity): boolean;
}

/** The inputs of credentials. */
export interface CredentialsContext {
  plan: ConnectionPlan;
  server: URL;
  env: Record<string, string | undefined>;
  homeDir: string;
  now: () => number;
  /** Whether a plugin may ask the user; undefined: when stdin is a terminal. */
  interactive?: boolean | undefined;
  /** Diagnostics. */
  note: (line: string) => void;
  warn: (line: string) => void;
}

/** Token, basic or no authentication: the same for the whole run. */
export function fixedCredentials(user: KubeconfigUser): Credentials {
  const authorization = user.token
    ? `Bearer ${user.token}`
    : user.username || user.password
      ? `Basic ${Buffer.from(`${user.username ?? ''}:${user.password ?? ''}`).toString('base64')}`
      : undefined;
  const identity: Identity = authorization === undefined ? {} : { authorization };
  return { current: async () => identity, renew: () => false };
}

/** A token that another process keeps fresh in a file; `fallbackToken` serves while the file cannot be read (client-go, BearerTokenFile). */
export function tokenFileCredentials(file: string, fallbackToken: string | undefined, now: () => number): Credentials {
  let token = '';
  let readAtMs = Number.NEGATIVE_INFINITY;
  return {
    async current() {
      if (now() - readAtMs >= TOKEN_FILE_AGE_MS) {
        token = await readToken(file, token || fallbackToken);
        readAtMs = now();
      }
      return { authorization: `Bearer ${token}` };
    },
    renew({ authorization }) {
      if (authorization === `Bearer ${token}`) readAtMs = Number.NEGATIVE_INFINITY;
      return true;
    },
  };
}

async function readToken(file: string, fallback: string | undefined): Promise<string> {
  let text = '';
  let cause: unknown;
  try {
    text = (await readText(file)).trim();
  } catch (error) {
    cause = error;
  }
  const token = text || fallback;
  if (token) return token;
  const why = cause === undefined ? 'is empty' : `cannot be read (${(cause as NodeJS.ErrnoException).code})`;
  throw new ConnectionError(`error: the token file ${file} ${why}`, { cause });
}
