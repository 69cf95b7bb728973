/**
 * TARGET on the command line: the one StatefulSet a verb works on.
 * kubectl's forms are taken (TYPE/NAME and TYPE NAME, singular, plural, short, with the group), and so is a bare
 * NAME, since only one type is possible. Another type is refused by name rather than looked up.
 */
import { UsageError } from '../errors.ts';
import { type Advice, lines, own } from '../values/command.ts';

/** The StatefulSet's name; its namespace is the connection's own. */
export interface Target {
  name: string;
}

/** The target of `check`: a StatefulSet, or a Deployment by its type. */
export interface CheckTarget extends Target {
  /** Absent: a StatefulSet. */
  kind?: 'deployment';
}

const TYPE = /^(sts|statefulsets?)(\.(v1\.)?apps)?$/i;

/** Whether a word before `/` or a name is the type of a StatefulSet. */
export const isSetType = (word: string): boolean => TYPE.test(word);

const DEPLOYMENT = /^(deploy|deployments?)(\.(v1\.)?apps)?$/i;

/** Types that people reach for by mistake; only used to tell `deployment nginx` from a StatefulSet called deployment. */
const OTHER_TYPE =
  /^(po|pods?|deploy|deployments?|ds|daemonsets?|rs|replicasets?|rc|svc|services?|jobs?|cj|cronjobs?|no|nodes?)(\.[a-z0-9.]+)?$/i;

/** A name of a StatefulSet: its pods are called NAME-ORDINAL and labelled so, hence a DNS-1123 subdomain (Kubernetes: object names). */
const DNS_1123 = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME_LENGTH = 253;

const isName = (text: string): boolean => text.length <= MAX_NAME_LENGTH && DNS_1123.test(text);

const ACCEPTED = 'TARGET is a StatefulSet: nginx, sts/nginx or statefulset/nginx';

/** `name`: of the object, where the words give one. A Deployment can be audited, which is the next thing to type. */
const refuseType = (type: string, name?: string): never => {
  const message = `${JSON.stringify(type)} is not a type this command works on`;
  if (!DEPLOYMENT.test(type) || name === undefined || !isName(name)) throw new UsageError(message, ACCEPTED);
  throw new UsageError(
    message,
    lines(
      'the pods of a Deployment have no ordinals, so no weight can be held for one of them; its rolling update can be audited:',
      auditOf(name),
      ACCEPTED,
    ),
  );
};

/** The verbs of this program for a Deployment. */
export const auditOf = (name: string): Advice =>
  own('check', `deployment/${name}`).note(
    'shows the connections that its rolling update would cut, and what would keep them',
  );

/**
 * Divides the words of a command line into TARGET's own (one, or two for `sts nginx`) and what follows.
 * Throws UsageError for the name of another type where TYPE NAME is the only reading.
 */
export function takeTargetWords(words: readonly string[]): { target: readonly string[]; rest: readonly string[] } {
  const [first, second] = words;
  if (first === undefined) return { target: [], rest: [] };
  if (second !== undefined && OTHER_TYPE.test(first) && !/^\d/.test(second) && !second.startsWith(`${first}-`)) {
    return refuseType(first, second);
  }
  // `asts nginx 0`: a name where ordinals belong, and the ordinals after it.
  if (
    words.length === 3 &&
    second !== undefined &&
    !TYPE.test(first) &&
    /[a-z]$/i.test(second) &&
    /^\d[\d,-]*$/.test(words[2] ?? '')
  )
    return refuseType(first);
  const size = second !== undefined && TYPE.test(first) ? 2 : 1;
  return { target: words.slice(0, size), rest: words.slice(size) };
}

/** Reads `nginx`, `sts/nginx`, `statefulsets.apps/nginx` or the two words `sts nginx`. Throws UsageError for all else. */
export function parseTarget(words: readonly string[]): Target {
  const parts = words.length === 1 ? (words[0] ?? '').split('/') : words;
  const [name, type] = parts.toReversed();
  if (name === undefined || parts.length > 2) {
    throw new UsageError(`${JSON.stringify(words.join(' '))} is not a target`, ACCEPTED);
  }
  if (type !== undefined && !TYPE.test(type)) return refuseType(type, name);
  if (type === undefined && TYPE.test(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} is a type; the name of a StatefulSet is missing`,
      `${ACCEPTED}; for one that is called ${JSON.stringify(name)} write sts/${name}`,
    );
  }
  if (!isName(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} is not a valid name`,
      `a name holds lower-case letters, digits, '-' and '.', and begins and ends with a letter or digit; ${ACCEPTED}`,
    );
  }
  return { name };
}

/** As takeTargetWords, for a command that takes a Deployment too: `deployment web` are two words of one target. */
export function takeCheckWords(words: readonly string[]): { target: readonly string[]; rest: readonly string[] } {
  const [first = '', second] = words;
  if (!DEPLOYMENT.test(first)) return takeTargetWords(words);
  const size = second === undefined ? 1 : 2;
  return { target: words.slice(0, size), rest: words.slice(size) };
}

/** As parseTarget, and `deployment/web`, `deploy web`. Throws UsageError for all else. */
export function parseCheckTarget(words: readonly string[]): CheckTarget {
  const parts = words.length === 1 ? (words[0] ?? '').split('/') : words;
  const [type = '', name, ...more] = parts;
  if (!DEPLOYMENT.test(type) || more.length > 0) return parseTarget(words);
  if (name === undefined || name === '')
    throw new UsageError(
      `${JSON.stringify(type)} is a type; the name of a Deployment is missing`,
      `${CHECKED}; for a StatefulSet that is called ${JSON.stringify(type)} write sts/${type}`,
    );
  return { ...parseTarget([name]), kind: 'deployment' };
}

const CHECKED = 'TARGET is a StatefulSet or a Deployment: nginx, sts/nginx or deployment/web';
