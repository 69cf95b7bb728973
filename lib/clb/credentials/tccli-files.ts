/** The two files that tccli keeps per profile: `~/.tccli/NAME.credential` and `~/.tccli/NAME.configure`, both JSON. */
import { join } from 'node:path';
import { ConnectionError, UsageError } from '../../core/errors.ts';
import { type AnswerObject, isObject, optionalText } from '../calls/cloud-answer.ts';
import type { CredentialContext } from './source.ts';

export interface Profile {
  name: string;
  /** Whether the user named it, by flag or by variable; a named profile must exist. */
  named: boolean;
}

type Where = Pick<CredentialContext, 'env' | 'flags' | 'homeDir' | 'readText'>;

/** `--profile`, else TCCLI_PROFILE, else tccli's own `default`. Throws UsageError on a name that is no file name. */
export function chosenProfile({ env, flags }: Pick<Where, 'env' | 'flags'>): Profile {
  const name = flags.profile ?? (env['TCCLI_PROFILE'] || undefined);
  if (name !== undefined && !/^[\w.@-]+$/.test(name)) {
    throw new UsageError(`"${name}" is not a tccli profile name`, 'accepted: letters, digits and . _ - @');
  }
  return { name: name ?? 'default', named: name !== undefined };
}

export const profilePath = (homeDir: string, profile: string, kind: 'credential' | 'configure'): string =>
  join(homeDir, '.tccli', `${profile}.${kind}`);

/** One of the profile's files as JSON; undefined when there is none. Throws ConnectionError when it is not a JSON object. */
export async function readProfile(
  { homeDir, readText }: Pick<Where, 'homeDir' | 'readText'>,
  profile: string,
  kind: 'credential' | 'configure',
): Promise<AnswerObject | undefined> {
  const path = profilePath(homeDir, profile, kind);
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // The parser's message would repeat part of the file, and with it a key.
  }
  throw new ConnectionError(`${path} is not a JSON object`, { hint: `tccli configure --profile ${profile}` });
}

/** The region of a profile's configuration; older files have it at top level. */
export async function profileRegion(where: Where): Promise<string | undefined> {
  const configuration = await readProfile(where, chosenProfile(where).name, 'configure');
  if (configuration === undefined) return undefined;
  const system = configuration['_sys_param'];
  return (isObject(system) ? optionalText(system, 'region') : undefined) ?? optionalText(configuration, 'region');
}
