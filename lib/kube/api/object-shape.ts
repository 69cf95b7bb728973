/** The part of every object that this program reads without looking: its metadata. Everything deeper is read field by field. */
import { ConnectionError } from '../../core/errors.ts';
import type { KubeObject } from '../../ports.ts';
import { FOREIGN_ANSWER_HINT, firstWords } from '../wire/foreign-answer.ts';

/**
 * The value as an object with a name, and with labels and annotations that are texts. Throws ConnectionError for anything
 * else: an answer that no API server gives is named, and nothing is concluded from it.
 */
export function namedObject(value: unknown, request: string): KubeObject {
  const problem = problemOf(value);
  if (problem === undefined) return value as KubeObject;
  const words = firstWords(JSON.stringify(value) ?? 'nothing');
  throw new ConnectionError(`Unable to connect to the server: ${request} brought an object ${problem}: ${words}`, {
    hint: FOREIGN_ANSWER_HINT,
    retryable: true,
  });
}

function problemOf(value: unknown): string | undefined {
  if (!isMap(value)) return 'that is none';
  const { metadata } = value;
  if (!isMap(metadata)) return 'without metadata';
  if (typeof metadata['name'] !== 'string' || metadata['name'] === '') return 'without a name';
  for (const key of TEXTS) if (!isTextOrAbsent(metadata[key])) return `whose ${key} is no text`;
  for (const key of MAPS) {
    const map = metadata[key];
    if (map === undefined || map === null) continue;
    if (!isMap(map) || !Object.values(map).every((each) => typeof each === 'string'))
      return `whose ${key} are not texts`;
  }
  const owners = metadata['ownerReferences'] ?? [];
  if (!Array.isArray(owners) || !owners.every(isMap)) return 'whose ownerReferences are not a list of objects';
  return undefined;
}

const TEXTS = ['namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp'] as const;
const MAPS = ['labels', 'annotations'] as const;

const isTextOrAbsent = (value: unknown): boolean => value === undefined || value === null || typeof value === 'string';

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
