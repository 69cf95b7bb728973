/** How a DELETE is to be carried out: from its body, or from the query when there is none (meta/v1 DeleteOptions). */
import { asList, asMap, asText, type JsonMap } from '../../../semantics/json.ts';
import { badRequest, invalidOptions } from '../../http/api-error.ts';
import { isTrue } from '../../http/request-info.ts';
import { parseDryRun } from '../read/query.ts';

export interface DeleteRequest {
  gracePeriodSeconds?: number;
  uid?: string;
  resourceVersion?: string;
  propagation?: Propagation;
  dryRun: boolean;
}

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

const PROPAGATIONS: readonly string[] = ['Foreground', 'Background', 'Orphan'];

/** An empty body means that the query's options count. Throws 400 on a body of another kind, 422 on values that are not accepted. */
export function parseDeleteOptions(body: JsonMap | undefined, query: URLSearchParams): DeleteRequest {
  const options = body === undefined ? optionsOfQuery(query) : body;
  const kind = asText(options['kind']);
  if (kind !== '' && kind !== 'DeleteOptions') {
    throw badRequest(`the body of a DELETE must be DeleteOptions, not ${kind}`);
  }
  const preconditions = asMap(options['preconditions']);
  const uid = asText(preconditions['uid']);
  const resourceVersion = asText(preconditions['resourceVersion']);
  const grace = parseGrace(options['gracePeriodSeconds']);
  const propagation = parsePropagation(options);
  return {
    dryRun: parseDryRun(asList(options['dryRun']).map(String), 'DeleteOptions'),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(uid === '' ? {} : { uid }),
    ...(resourceVersion === '' ? {} : { resourceVersion }),
    ...(propagation === undefined ? {} : { propagation }),
  };
}

function optionsOfQuery(query: URLSearchParams): JsonMap {
  const grace = query.get('gracePeriodSeconds');
  const orphan = query.get('orphanDependents');
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(orphan === null ? {} : { orphanDependents: isTrue(orphan) }),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    dryRun: query.getAll('dryRun'),
  };
}

function parseGrace(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw badRequest(`gracePeriodSeconds must be a whole number of seconds, got ${JSON.stringify(value)}`);
}

function parsePropagation(options: JsonMap): Propagation | undefined {
  const asked = asText(options['propagationPolicy']);
  const orphan = options['orphanDependents'];
  if (asked === '') return typeof orphan !== 'boolean' ? undefined : orphan ? 'Orphan' : 'Background';
  if (typeof orphan === 'boolean') {
    const message = 'Invalid value: orphanDependents and deletionPropagation cannot be both set';
    throw invalidOptions('DeleteOptions', 'propagationPolicy', 'FieldValueInvalid', message);
  }
  if (!PROPAGATIONS.includes(asked)) {
    const accepted = [...PROPAGATIONS, 'nil'].map((name) => `"${name}"`).join(', ');
    const message = `Unsupported value: "${asked}": supported values: ${accepted}`;
    throw invalidOptions('DeleteOptions', 'propagationPolicy', 'FieldValueNotSupported', message);
  }
  return asked as Propagation;
}
