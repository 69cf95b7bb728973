import { isMap, type JsonMap } from '../json.ts';
import { type FieldShape, modelOfKind, plainName, type Shape, shapeOf } from './field-types.ts';

/** The fields of an object that its kind does not have. */
export interface ShapeErrors {
  /** Paths of fields that the kind lacks: `spec.template.spec.containers[0].imagee`. */
  unknown: readonly string[];
  /** Sentences about values of another type than their field, as the real server's decoder says them. */
  mistyped: readonly string[];
}

/** Compares an object with the fields that its kind has. Nulls are "not set"; kinds that are not described here have no errors. */
export function checkShape(kind: string, object: object): ShapeErrors {
  const shape = shapeOf(modelOfKind(kind) ?? '');
  const errors = { unknown: [], mistyped: [] };
  if (shape !== undefined) checkMap(object as JsonMap, shape, { struct: kind, at: '', plain: '' }, errors);
  return errors;
}

/** The paths of fields that the kind does not have, in the form of a strict decoder's `unknown field "spec.repicas"`. */
export function unknownFields(kind: string, object: object): string[] {
  return [...checkShape(kind, object).unknown];
}

interface Errors {
  unknown: string[];
  mistyped: string[];
}

interface Place {
  /** The type whose field this is. */
  struct: string;
  /** The path with indexes, and the same without, as the decoder has it. */
  at: string;
  plain: string;
}

function checkMap(map: JsonMap, shape: Shape, place: Place, errors: Errors): void {
  const prefix = place.at === '' ? '' : '.';
  for (const [key, value] of Object.entries(map)) {
    const field = shape.get(key);
    if (field === undefined) {
      errors.unknown.push(`${place.at}${prefix}${key}`);
    } else if (value !== null) {
      const inner = { struct: place.struct, at: `${place.at}${prefix}${key}`, plain: `${place.plain}${prefix}${key}` };
      checkField(value, field, inner, errors);
    }
  }
}

function checkField(value: unknown, field: FieldShape, place: Place, errors: Errors): void {
  const { container, type } = field;
  if (container === 'one') {
    checkValue(value, type, place, errors);
  } else if (container === 'list' ? !Array.isArray(value) : !isMap(value)) {
    errors.mistyped.push(
      mistyped(value, place, container === 'list' ? `[]${goType(type)}` : `map[string]${goType(type)}`),
    );
  } else if (Array.isArray(value)) {
    value.forEach((element, index) => {
      checkValue(element, type, { ...place, at: `${place.at}[${index}]` }, errors);
    });
  } else {
    for (const [key, element] of Object.entries(value as JsonMap)) {
      checkValue(element, type, { ...place, at: `${place.at}.${key}` }, errors);
    }
  }
}

function checkValue(value: unknown, type: string, place: Place, errors: Errors): void {
  if (value === null || type === 'any') {
    return;
  }
  const shape = shapeOf(type);
  if (shape !== undefined && isMap(value)) {
    checkMap(value, shape, { ...place, struct: plainName(type) }, errors);
  } else if (shape !== undefined || !isScalar(value, type)) {
    errors.mistyped.push(mistyped(value, place, goType(type)));
  }
}

function isScalar(value: unknown, type: string): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string';
    case 'flag':
      return typeof value === 'boolean';
    case 'quantity':
      return typeof value === 'string' || typeof value === 'number';
    default:
      return Number.isInteger(value);
  }
}

const GO_TYPES: Readonly<Record<string, string>> = {
  text: 'string',
  int32: 'int32',
  int64: 'int64',
  flag: 'bool',
  quantity: 'intstr.IntOrString',
};

const goType = (type: string): string => GO_TYPES[type] ?? `v${/V(\d)/.exec(type)?.[1] ?? 1}.${plainName(type)}`;

function mistyped(value: unknown, { struct, plain }: Place, type: string): string {
  const found = Array.isArray(value)
    ? 'array'
    : isMap(value)
      ? 'object'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  return `json: cannot unmarshal ${found} into Go struct field ${struct}.${plain} of type ${type}`;
}
