/**
 * TARGET on the command line: the one StatefulSet a verb works on.
 * kubectl's forms are taken (TYPE/NAME and TYPE NAME, singular, plural, short, with the group), and so is a bare
 * NAME, since only one type is possible. Another type is refused by name rather than looked up.
 */
import { UsageError } from '../errors.ts';

/** The StatefulSet's name; its namespace is the connection's own. */
export interface Target {
  name: string;
}

const TYPE = /^(sts|statefulsets?)(\.(v1\.)?apps)?$/i;

/** Types that people reach for by mistake; only used to tell `deployment nginx` from a StatefulSet called deployment. */
const OTHER_TYPE =
  /^(po|pods?|deploy|deployments?|ds|daemonsets?|rs|replicasets?|rc|svc|services?|jobs?|cj|cronjobs?|no|nodes?)(\.[a-z0-9.]+)?$/i;

/** A name of a StatefulSet: its pods are called NAME-ORDINAL and labelled so, hence a DNS-1123 subdomain (Kubernetes: object names). */
const DNS_1123 = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME_LENGTH = 253;

const ACCEPTED = 'TARGET is a StatefulSet: nginx, sts/nginx or statefulset/nginx';

const refuseType = (type: string): never => {
  throw new UsageError(`${JSON.stringify(type)} is not a type this command works on`, ACCEPTED);
};

/**
 * Divides the words of a command line into TARGET's own (one, or two for `sts nginx`) and what follows.
 * Throws UsageError for the name of another type where TYPE NAME is the only reading.
 */
export function takeTargetWords(words: readonly string[]): { target: readonly string[]; rest: readonly string[] } {
  const [first, second] = words;
  if (first === undefined) return { target: [], rest: [] };
  if (second !== undefined && OTHER_TYPE.test(first) && !/^\d/.test(second) && !second.startsWith(`${first}-`)) {
    return refuseType(first);
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
  if (type !== undefined && !TYPE.test(type)) return refuseType(type);
  if (type === undefined && TYPE.test(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} is a type; the name of a StatefulSet is missing`,
      `${ACCEPTED}; for one that is called ${JSON.stringify(name)} write sts/${name}`,
    );
  }
  if (name.length > MAX_NAME_LENGTH || !DNS_1123.test(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} is not a valid name`,
      `a name holds lower-case letters, digits, '-' and '.', and begins and ends with a letter or digit; ${ACCEPTED}`,
    );
  }
  return { name };
}
