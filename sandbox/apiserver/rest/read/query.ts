/** The query options of reads and writes, parsed and refused in the real server's words. */
import type { UserIdentity } from '../../auth/identity.ts';
import { badRequest, invalidOptions } from '../../http/api-error.ts';

/** The parameters of every write: whether to keep it, and who is recorded as its field manager. */
export interface WriteQuery {
  dryRun: boolean;
  manager: string;
  /** Server-side apply takes over fields that others own. */
  force: boolean;
  identity: UserIdentity;
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

/** True for `dryRun=All`. Throws 422 on any other value. */
export function parseDryRun(values: readonly string[], kind: OptionsKind): boolean {
  const unknown = values.find((value) => value !== 'All' && value !== '');
  if (unknown !== undefined) {
    throw invalidOptions(
      kind,
      'dryRun',
      'FieldValueNotSupported',
      `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`,
    );
  }
  return values.includes('All');
}

/** `fieldManager`, else the program's name from the User-Agent, as the real server records it. */
export function fieldManager(query: URLSearchParams, userAgent: string | undefined): string {
  const asked = query.get('fieldManager');
  if (asked !== null && asked !== '') return asked;
  const product = userAgent?.split('/')[0]?.slice(0, 128);
  return product === undefined || product === '' ? 'unknown' : product;
}

/** A whole number of zero or more in the query; undefined when it is missing or empty. Throws 400 on anything else. */
export function parseCount(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    throw badRequest(`${name}: Invalid value: "${text}": must be a number of 0 or more`);
  }
  return Number(text);
}

/** Seconds of an RFC 3339 time in UTC, which is all that metadata's times hold. */
export const rfc3339 = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
