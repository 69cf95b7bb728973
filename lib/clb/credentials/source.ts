/** The common interface of the places that credentials can come from. */
import type { Clock } from '../../ports.ts';
import type { AnswerObject } from '../calls/cloud-answer.ts';
import type { CloudAction, CloudActions } from '../cloud.ts';

export interface CloudKeys {
  secretId: string;
  secretKey: string;
  token?: string;
  /** Set on temporary credentials whose end is known. */
  expiresAtMs?: number;
}

/** This place has none, and why, for the list of places looked in. */
export interface NotHere {
  absent: string;
}

export interface CredentialFlags {
  secretId?: string;
  secretKey?: string;
  token?: string;
  profile?: string;
}

/** A call of the security token service, made with the given credential; 'unsigned' where the request itself is the proof. */
export type StsCall = <A extends CloudAction<'sts'>>(
  action: A,
  params: CloudActions['sts'][A],
  options: { credential: CloudKeys | 'unsigned'; region: string | undefined; signal: AbortSignal | undefined },
) => Promise<AnswerObject>;

/** The world as a credential source sees it. */
export interface CredentialContext {
  env: Readonly<Record<string, string | undefined>>;
  flags: CredentialFlags;
  homeDir: string;
  /** Directory of system-wide configuration, `/etc`. */
  systemDir: string;
  clock: Clock;
  trace(level: number, line: string): void;
  /** A file as text; undefined when there is none. Any other failure throws. */
  readText(path: string): Promise<string | undefined>;
  sts: StsCall;
  /** GET under the instance metadata's root; undefined when there is no such page. Throws when nothing answers in time. */
  metadata(path: string, signal: AbortSignal | undefined): Promise<string | undefined>;
}

/** One place. Half-written or unreadable credentials throw: skipping them would silently act as another user. */
export interface CredentialSource {
  /** For people: `environment`, `tccli profile "prod"`. */
  name(context: CredentialContext): string;
  find(context: CredentialContext, signal?: AbortSignal): Promise<CloudKeys | NotHere>;
  /** The cure for credentials from here that have expired or are refused. */
  renewal(context: CredentialContext): string;
}
