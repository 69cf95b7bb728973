/**
 * The service-controller's own reading of lb-rs-weight (TKE, zero-loss upgrade guide): written apart from the plugin's,
 * so that the two check each other. Unknown keys and StatefulSets are ignored; what has the wrong shape is an error.
 */
import { SyncError } from '../sync-error.ts';

export const DEFAULT_WEIGHT = 10;

/** The weight that is named for one ordinal of one StatefulSet behind one Service port; undefined where none is. */
export type WeightOf = (protocol: string, port: number, statefulSet: string, ordinal: number) => number | undefined;

export interface Weights {
  /** For backends that no entry names, and for those that belong to no StatefulSet. */
  defaultWeight: number;
  weightOf: WeightOf;
}

/** Throws SyncError on what is not JSON or has the wrong shape; undefined: every weight is the default. */
export function parseWeights(annotation: string | undefined): Weights {
  if (annotation === undefined) return { defaultWeight: DEFAULT_WEIGHT, weightOf: () => undefined };
  const root = object(parseJson(annotation), 'the annotation');
  const defaultWeight = root['defaultWeight'] === undefined ? DEFAULT_WEIGHT : weight(root['defaultWeight']);
  const named = new Map<string, number>();
  for (const group of objects(root['groups'], 'groups')) {
    const key = object(group['key'], 'key');
    if (typeof key['proto'] !== 'string' || !Number.isInteger(key['port'])) throw malformed('key needs proto and port');
    for (const set of objects(group['statefulSets'], 'statefulSets')) {
      if (typeof set['name'] !== 'string') throw malformed('a StatefulSet needs a name');
      for (const entry of objects(set['weights'], 'weights')) {
        const value = weight(entry['weight']);
        for (const ordinal of ordinals(entry['podIndexes'])) {
          named.set(nameOf(key['proto'], Number(key['port']), set['name'], ordinal), value);
        }
      }
    }
  }
  return {
    defaultWeight,
    weightOf: (protocol, port, statefulSet, ordinal) => named.get(nameOf(protocol, port, statefulSet, ordinal)),
  };
}

const nameOf = (protocol: string, port: number, statefulSet: string, ordinal: number): string =>
  `${protocol}/${port}/${statefulSet}/${ordinal}`;

const malformed = (what: string): SyncError => new SyncError('E4018', `lb-rs-weight is malformed: ${what}`);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('it is not JSON');
  }
}

function object(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw malformed(`${name} is not an object`);
}

function objects(value: unknown, name: string): Record<string, unknown>[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed(`${name} is not a list`);
  return value.map((item) => object(item, `an entry of ${name}`));
}

function weight(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100) return value;
  throw malformed('a weight is not an integer in 0-100');
}

function ordinals(value: unknown): number[] {
  const isOrdinal = (item: unknown): item is number => Number.isInteger(item) && Number(item) >= 0;
  if (Array.isArray(value) && value.every(isOrdinal)) return value;
  throw malformed('podIndexes is not a list of ordinals');
}
