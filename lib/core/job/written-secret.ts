/**
 * Credentials that are written out in a flag of a Job, whose manifest others read. No rule can know every one of them: those that a
 * name, a URL or an option of curl gives away are found.
 */

import { CREDENTIAL } from '../values/mask.ts';

/** Not one that the shell puts in, which begins with "$" or a backquote. */
const VALUE = String.raw`["']?(?![$\x60"'])[^\s"'&;|)]`;
/** It names a file that holds the credential. */
const OF_FILE = /[-_](?:file|path|dir)$/i;

const URL_WITH_PASSWORD = /:\/\/[^\s/@'"]*:[^\s/@'"$]+@/;
const PARAMETER = new RegExp(String.raw`[?&]([\w.-]*(?:key|sig|signature|auth|pwd|pass)|${CREDENTIAL})=${VALUE}`, 'i');
const SCHEME = String.raw`(?:Basic|Bearer|Token)\s`;
const HEADER = new RegExp(
  String.raw`\b(authorization)["']?\s*[:=]\s*(?:${SCHEME}\s*${VALUE}|(?!["']?${SCHEME})${VALUE})`,
  'i',
);
const NAMED = new RegExp(String.raw`(?:(${CREDENTIAL})["']?\s*[=:]\s*|(?<=^|\s)-(${CREDENTIAL})\s+)${VALUE}`, 'gi');
/** curl and wget: `-u user:password`. */
const USER_OPTION = /(?:^|\s)(?:-u|--user|--proxy-user)[\s=]*["']?[^\s:"'$]+:(?![$`])[^\s"']/;

/**
 * Why this text holds a credential, in words that follow "has"; undefined: none is found. `isSelector`: of a query or a metric, whose
 * labels are no credentials, whatever they are called.
 */
export function writtenSecret(text: string, isSelector = false): string | undefined {
  if (URL_WITH_PASSWORD.test(text)) return 'a URL with a password';
  if (isSelector) return undefined;
  const name = PARAMETER.exec(text)?.[1] ?? HEADER.exec(text)?.[1] ?? nameOf(text);
  if (name !== undefined) return `a credential (${name})`;
  return USER_OPTION.test(text) ? 'a user with a password' : undefined;
}

function nameOf(text: string): string | undefined {
  return [...text.matchAll(NAMED)]
    .map(([, before, option]) => before ?? option ?? '')
    .find((name) => !OF_FILE.test(name));
}
