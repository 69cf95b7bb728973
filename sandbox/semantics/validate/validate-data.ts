import { asMap, type JsonMap, sameJson } from '../json.ts';
import { type FieldError, forbidden, invalid, tooLong } from './field-error.ts';

/** All data of one ConfigMap or Secret together. */
const MAX_DATA_BYTES = 1024 * 1024;

/** Kubernetes: ValidateConfigMap and ValidateConfigMapUpdate. */
export function validateConfigMap(object: JsonMap, old: JsonMap | undefined): FieldError[] {
  const errors = ['data', 'binaryData'].flatMap((part) => validateKeys(part, object[part]));
  const bytes = sizeOf(object['data'], 1) + sizeOf(object['binaryData'], BASE64_BYTES);
  return [
    ...errors,
    ...(bytes > MAX_DATA_BYTES ? [tooLong('', MAX_DATA_BYTES)] : []),
    ...validateImmutable(object, old, ['data', 'binaryData']),
  ];
}

/** Kubernetes: ValidateSecret and ValidateSecretUpdate. */
export function validateSecret(object: JsonMap, old: JsonMap | undefined): FieldError[] {
  return [
    ...validateKeys('data', object['data']),
    ...(sizeOf(object['data'], BASE64_BYTES) > MAX_DATA_BYTES ? [tooLong('data', MAX_DATA_BYTES)] : []),
    ...(old !== undefined && old['type'] !== object['type']
      ? [invalid('type', object['type'], 'field is immutable')]
      : []),
    ...validateImmutable(object, old, ['data']),
  ];
}

/** Bytes that one character of base64 stands for. */
const BASE64_BYTES = 0.75;

const sizeOf = (data: unknown, bytesPerByte: number) =>
  Object.values(asMap(data)).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)) * bytesPerByte, 0);

function validateKeys(part: string, data: unknown): FieldError[] {
  return Object.keys(asMap(data)).flatMap((key) =>
    /^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== '.' && !key.startsWith('..')
      ? []
      : [
          invalid(
            `${part}[${key}]`,
            key,
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
          ),
        ],
  );
}

/** Once `immutable` is true, neither it nor the data changes. */
function validateImmutable(object: JsonMap, old: JsonMap | undefined, parts: readonly string[]): FieldError[] {
  if (old?.['immutable'] !== true) {
    return [];
  }
  const detail = 'field is immutable when `immutable` is set';
  return [
    ...(object['immutable'] === true ? [] : [forbidden('immutable', detail)]),
    ...parts.filter((part) => !sameJson(object[part], old[part])).map((part) => forbidden(part, detail)),
  ];
}
