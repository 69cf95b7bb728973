import { isMap } from '../json.ts';

/** One thing wrong with one field; `message` is what follows the field's path in the real server's text (Kubernetes: field.Error). */
export interface FieldError {
  type:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueForbidden'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueNotFound'
    | 'FieldValueTooLong';
  /** `spec.template.spec.containers[0].image`. */
  field: string;
  message: string;
}

const shown = (value: unknown): string =>
  typeof value === 'string' || Array.isArray(value) || isMap(value) ? JSON.stringify(value) : String(value ?? null);

const withDetail = (head: string, detail: string) => (detail === '' ? head : `${head}: ${detail}`);

export const required = (field: string, detail = ''): FieldError => ({
  type: 'FieldValueRequired',
  field,
  message: withDetail('Required value', detail),
});

export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: withDetail(`Invalid value: ${shown(value)}`, detail),
});

export const forbidden = (field: string, detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  message: withDetail('Forbidden', detail),
});

export const duplicate = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${shown(value)}`,
});

export const notFound = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueNotFound',
  field,
  message: `Not found: ${shown(value)}`,
});

export const tooLong = (field: string, maxBytes: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${maxBytes} bytes`,
});

/** One of a closed set of values: missing is required, another one not supported. */
export function oneOf(field: string, value: unknown, supported: readonly string[]): FieldError[] {
  if (value === undefined || value === '') {
    return [required(field)];
  }
  if (typeof value === 'string' && supported.includes(value)) {
    return [];
  }
  const list = supported.map((name) => JSON.stringify(name)).join(', ');
  return [
    {
      type: 'FieldValueNotSupported',
      field,
      message: `Unsupported value: ${shown(value)}: supported values: ${list}`,
    },
  ];
}

/** A text checked by one of the rules of names.ts; a missing one is required. */
export function named(field: string, value: unknown, rule: (text: string) => string | undefined): FieldError[] {
  if (value === undefined || value === '') {
    return [required(field)];
  }
  const detail = typeof value === 'string' ? rule(value) : 'must be a string';
  return detail === undefined ? [] : [invalid(field, value, detail)];
}

/** An optional whole number of at least `least` (0 by default). */
export function atLeast(field: string, value: unknown, least = 0): FieldError[] {
  if (value === undefined) {
    return [];
  }
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [invalid(field, value, 'must be an integer')];
  }
  return value >= least
    ? []
    : [invalid(field, value, least === 0 ? 'must be greater than or equal to 0' : `must be greater than ${least - 1}`)];
}

/** A port number. */
export function portNumber(field: string, value: unknown): FieldError[] {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
    ? []
    : [invalid(field, value, 'must be between 1 and 65535, inclusive')];
}

/** Values that were seen before, once for each further time. `at` says which field an index is about. */
export function duplicates(values: readonly unknown[], at: (index: number) => string): FieldError[] {
  const seen = new Set<unknown>();
  return values.flatMap((value, index) => {
    if (value === undefined || value === '') {
      return [];
    }
    const again = seen.has(value);
    seen.add(value);
    return again ? [duplicate(at(index), value)] : [];
  });
}
