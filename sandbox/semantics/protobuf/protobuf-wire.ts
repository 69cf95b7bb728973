/** Reads the protobuf wire format (https://protobuf.dev/programming-guides/encoding): numbered fields, each a number or some bytes. */
import { badRequest } from '../patch/patch-error.ts';

export interface WireField {
  number: number;
  /** A varint, or a length-delimited run of bytes. */
  value: bigint | Uint8Array;
}

/** The fields of one message, in their order. Throws PatchError 400 where the bytes end too soon or are of another kind. */
export function readFields(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  let position = 0;
  const varint = (): bigint => {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[position++];
      if (byte === undefined) {
        throw badRequest("couldn't parse the protobuf body: it ends in the middle of a number");
      }
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return result;
      }
    }
    throw badRequest("couldn't parse the protobuf body: a number is too long");
  };
  while (position < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        fields.push({ number, value: varint() });
        break;
      case 2: {
        const length = Number(varint());
        if (length > bytes.length - position) {
          throw badRequest("couldn't parse the protobuf body: it ends in the middle of a field");
        }
        fields.push({ number, value: bytes.subarray(position, position + length) });
        position += length;
        break;
      }
      default:
        throw badRequest(`couldn't parse the protobuf body: wire type ${tag & 7} is not used by this API`);
    }
  }
  return fields;
}
