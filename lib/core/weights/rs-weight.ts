/**
 * The weight annotation of a Service, `service.cloud.tencent.com/lb-rs-weight`: its text and its shape.
 * Law: serialise(parse(text)) keeps every field, known or not, and every number as it was written.
 * (Shape and value ranges: TKE guide "Zero-Loss Traffic Upgrade for Core Applications"; CLB API, Backend.Weight 0 to 100.)
 */

import { RefusedError } from '../errors.ts';
import { type Advice, kubectl } from '../values/command.ts';

export const RS_WEIGHT_ANNOTATION = 'service.cloud.tencent.com/lb-rs-weight';
/** The load balancer's own default, and the one the guide writes. */
export const DEFAULT_WEIGHT = 10;

export interface PortKey {
  proto: string;
  port: number;
}

export interface WeightEntry {
  weight: number;
  podIndexes: number[];
  [field: string]: unknown;
}

export interface StatefulSetEntry {
  name: string;
  weights?: WeightEntry[];
  [field: string]: unknown;
}

export interface WeightGroup {
  key: PortKey & { [field: string]: unknown };
  statefulSets?: StatefulSetEntry[];
  [field: string]: unknown;
}

export interface RsWeight {
  defaultWeight?: number;
  groups?: WeightGroup[];
  [field: string]: unknown;
}

declare global {
  interface JSON {
    /** Text source of a number that JavaScript would round (ES2026, present in Node 22 and newer). */
    rawJSON(text: string): unknown;
  }
}

/** Which annotation a text is read from, and what fixes it if it cannot be read. */
export interface ParseContext {
  rule: string;
  annotation: string;
  cure: Advice;
}

/**
 * Reads the annotation's text. Refuses (RefusedError, rule `annotation-parses` unless `reading` says another) what is not
 * JSON, has another shape, or names one port, one StatefulSet or one ordinal twice: which of the two the controller would
 * obey is not documented.
 */
export function parseRsWeight(text: string, service: string, reading: Partial<ParseContext> = {}): RsWeight {
  const {
    rule = 'annotation-parses',
    annotation = RS_WEIGHT_ANNOTATION,
    cure = kubectl('annotate', 'service', service, `${RS_WEIGHT_ANNOTATION}-`).note(
      'removes it: every pod gets its default weight again',
    ),
  } = reading;
  const fail = (what: string): never => {
    throw new RefusedError([{ rule, message: `service/${service}: annotation ${annotation} ${what}`, cure }]);
  };
  let document: unknown;
  try {
    document = readRsWeight(text);
  } catch (error) {
    fail(`is not JSON: ${(error as Error).message}`);
  }
  const wrong = shapeError(document);
  if (wrong !== undefined) fail(wrong);
  return document as RsWeight;
}

/** Reads a text that is known to have the right shape; numbers are kept as they were written. */
export function readRsWeight(text: string): RsWeight {
  return JSON.parse(text, keepNumberText as (this: unknown, key: string, value: unknown) => unknown) as RsWeight;
}

export function serialiseRsWeight(document: RsWeight): string {
  return JSON.stringify(document);
}

/** Keeps 1.0, 1e3 or 12345678901234567890 as they were written. */
function keepNumberText(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && String(value) !== source ? JSON.rawJSON(source) : value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isIntegerIn = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;

function shapeError(document: unknown): string | undefined {
  if (!isObject(document)) return 'is not a JSON object';
  if (document['defaultWeight'] !== undefined && !isIntegerIn(document['defaultWeight'], 0, 100)) {
    return 'has a defaultWeight that is not a whole number from 0 to 100';
  }
  const groups = document['groups'];
  if (groups === undefined) return undefined;
  if (!Array.isArray(groups)) return 'has "groups" that is not a list';
  return (
    firstError(groups, (group, at) => groupError(group, `groups[${at}]`)) ??
    repeated(groups as WeightGroup[], (group) => keyText(group.key), 'names port')
  );
}

function groupError(group: unknown, at: string): string | undefined {
  if (!isObject(group) || !isObject(group['key'])) return `has ${at} without a "key"`;
  const key = group['key'];
  if (typeof key['proto'] !== 'string' || !isIntegerIn(key['port'], 1, 65_535)) {
    return `has ${at}.key that is not {"proto": "TCP", "port": 80}`;
  }
  const sets = group['statefulSets'];
  if (sets === undefined) return undefined;
  if (!Array.isArray(sets)) return `has ${at}.statefulSets that is not a list`;
  return (
    firstError(sets, (set, index) => statefulSetError(set, `${at}.statefulSets[${index}]`)) ??
    repeated(sets as StatefulSetEntry[], (set) => set.name, `names in ${at} statefulset`)
  );
}

function statefulSetError(set: unknown, at: string): string | undefined {
  if (!isObject(set) || typeof set['name'] !== 'string') return `has ${at} without a "name"`;
  const weights = set['weights'];
  if (weights === undefined) return undefined;
  if (!Array.isArray(weights)) return `has ${at}.weights that is not a list`;
  const wrong = firstError(weights, (entry, index) => {
    if (!isObject(entry) || !isIntegerIn(entry['weight'], 0, 100)) {
      return `has ${at}.weights[${index}] without a "weight" from 0 to 100`;
    }
    const indexes = entry['podIndexes'];
    const listed = Array.isArray(indexes) && indexes.every((value) => isIntegerIn(value, 0, 2 ** 31));
    return listed ? undefined : `has ${at}.weights[${index}].podIndexes that is not a list of ordinals`;
  });
  if (wrong !== undefined) return wrong;
  const ordinals = (weights as WeightEntry[]).flatMap((entry) => [...new Set(entry.podIndexes)]);
  return repeated(ordinals, String, `names for statefulset ${JSON.stringify(set['name'])} ordinal`);
}

function firstError(
  list: readonly unknown[],
  check: (item: unknown, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of list.entries()) {
    const wrong = check(item, index);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function repeated<T>(list: readonly T[], name: (item: T) => string, what: string): string | undefined {
  const seen = new Set<string>();
  for (const item of list) {
    if (seen.has(name(item))) return `${what} ${name(item)} twice`;
    seen.add(name(item));
  }
  return undefined;
}

/** `TCP/80`: how a port is named to people, and compared. */
export function keyText(key: PortKey): string {
  return `${key.proto.toUpperCase()}/${key.port}`;
}
