/** The fields that a line of a recording must have: a file is edited, cut and merged by others. */
import { field, text } from '../values/read.ts';
import { parseTime } from '../values/time.ts';

type Kind = 'text' | 'number' | 'boolean' | 'time' | 'number or null' | 'object';

const CHECKS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  time: (value) => typeof value === 'string' && Number.isFinite(parseTime(value)),
  'number or null': (value) => value === null || CHECKS.number(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** Fields that readers use, by the kind of line. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  begin: { verb: 'text', target: 'object' },
  progress: { line: 'text' },
  warning: { line: 'text' },
  pod: { pod: 'text', revision: 'text', ready: 'boolean' },
  'pod-gone': { pod: 'text' },
  weight: { pod: 'text', balancer: 'text', listener: 'text', weight: 'number' },
  sample: { pod: 'text', of: 'time', connections: 'number or null' },
  write: { call: 'text', object: 'text' },
  event: { reason: 'text', message: 'text', operator: 'text', details: 'object' },
  outcome: { verb: 'text', exitCode: 'number', message: 'text' },
};

/** Why a parsed line cannot be used, for people; undefined: it can, or it is of a kind to come, which readers pass over. */
export function problemOfLine(line: unknown): string | undefined {
  const kind = text(line, 'kind');
  if (kind === undefined) return 'it has no kind';
  if (!Object.hasOwn(FIELDS, kind)) return undefined;
  for (const [name, wanted] of Object.entries({ at: 'time' as const, ...FIELDS[kind] })) {
    const value = field(line, name);
    if (!CHECKS[wanted](value)) return `its ${name} is ${shown(value)}, and no ${wanted}`;
  }
  return undefined;
}

/** Of a kind that this version reads. */
export const isKnownKind = (line: unknown): boolean => Object.hasOwn(FIELDS, text(line, 'kind') ?? '');

const shown = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 40));
