import { asList, asMap, asText, type JsonMap, setField } from '../json.ts';
import { badRequest } from '../patch/patch-error.ts';
import type { FieldRule, FieldType, Message } from './message.ts';
import { readFields } from './protobuf-wire.ts';

/**
 * One message as the JSON object it stands for. Throws PatchError 400 for a field that the description lacks: to leave
 * it out would change what was asked for.
 */
export function decodeMessage(bytes: Uint8Array, message: Message, name: string): JsonMap {
  const decoded: JsonMap = {};
  for (const { number, value } of readFields(bytes)) {
    const rule = message[number];
    if (rule === undefined) {
      throw badRequest(`field ${number} of ${name} cannot be read from protobuf here; send the object as JSON`);
    }
    put(decoded, rule, value, name);
  }
  return decoded;
}

function put(decoded: JsonMap, rule: FieldRule, value: bigint | Uint8Array, owner: string): void {
  const { name, type } = rule;
  if (type === 'ignored') {
    return;
  }
  if (type === 'textMap' || type === 'bytesMap') {
    const entry = decodeMessage(bytesOf(value, name), MAP_ENTRY[type], `${owner}.${name}`);
    const map = { ...asMap(decoded[name]) };
    setField(map, asText(entry['key']), entry['value'] ?? '');
    decoded[name] = map;
    return;
  }
  const plain = decodeValue(value, type, `${owner}.${name}`);
  if (rule.repeated === true) {
    decoded[name] = [...asList(decoded[name]), plain];
  } else if (rule.optional === true || !isZero(plain)) {
    decoded[name] = plain;
  }
}

const MAP_ENTRY: Readonly<Record<'textMap' | 'bytesMap', Message>> = {
  textMap: { 1: { name: 'key', type: 'text' }, 2: { name: 'value', type: 'text' } },
  bytesMap: { 1: { name: 'key', type: 'text' }, 2: { name: 'value', type: 'bytes' } },
};

function decodeValue(value: bigint | Uint8Array, type: FieldType, name: string): unknown {
  switch (type) {
    case 'text':
      return Buffer.from(bytesOf(value, name)).toString('utf8');
    case 'bytes':
      return Buffer.from(bytesOf(value, name)).toString('base64');
    case 'number':
      return numberOf(value, name);
    case 'flag':
      return numberOf(value, name) !== 0;
    case 'time':
      return decodeTime(bytesOf(value, name), name);
    case 'intOrString': {
      const { type: isText, text, number } = decodeMessage(bytesOf(value, name), INT_OR_STRING, name);
      return isText === 1 ? (text ?? '') : (number ?? 0);
    }
    default:
      return typeof type === 'string' ? undefined : decodeMessage(bytesOf(value, name), type, name);
  }
}

const INT_OR_STRING: Message = {
  1: { name: 'type', type: 'number' },
  2: { name: 'number', type: 'number' },
  3: { name: 'text', type: 'text' },
};

const TIME: Message = { 1: { name: 'seconds', type: 'number' }, 2: { name: 'nanos', type: 'number' } };

/** RFC 3339; '' for Go's zero time, which is sent as an empty message. */
function decodeTime(bytes: Uint8Array, name: string): string {
  const seconds = decodeMessage(bytes, TIME, name)['seconds'];
  return typeof seconds === 'number' ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') : '';
}

function bytesOf(value: bigint | Uint8Array, name: string): Uint8Array {
  if (typeof value === 'bigint') {
    throw badRequest(`couldn't parse the protobuf body: ${name} is a number`);
  }
  return value;
}

function numberOf(value: bigint | Uint8Array, name: string): number {
  if (typeof value !== 'bigint') {
    throw badRequest(`couldn't parse the protobuf body: ${name} is not a number`);
  }
  return Number(BigInt.asIntN(64, value));
}

function isZero(value: unknown): boolean {
  return (
    value === '' ||
    value === 0 ||
    value === false ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}
