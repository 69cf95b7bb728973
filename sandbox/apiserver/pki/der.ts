/** Writes the few ASN.1 types that an X.509 certificate is made of (ITU-T X.690, Distinguished Encoding Rules). */

/** One finished element: tag, length and content. */
export type Der = Buffer;

/** Tag, definite length and content; the building block of everything below. */
function element(tag: number, content: Uint8Array): Der {
  return Buffer.concat([Buffer.from([tag]), lengthOctets(content.length), content]);
}

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Buffer.from([0x80 | octets.length, ...octets]);
}

export const sequence = (...items: readonly Der[]): Der => element(0x30, Buffer.concat(items));
export const set = (...items: readonly Der[]): Der => element(0x31, Buffer.concat(items));
export const boolean = (value: boolean): Der => element(0x01, Buffer.from([value ? 0xff : 0]));
export const octetString = (content: Uint8Array): Der => element(0x04, content);
export const utf8String = (text: string): Der => element(0x0c, Buffer.from(text, 'utf8'));

/** An unsigned big-endian integer; a leading zero keeps it positive, and superfluous zeros go. */
export function integer(bigEndian: Uint8Array): Der {
  let start = 0;
  while (start < bigEndian.length - 1 && bigEndian[start] === 0) start += 1;
  const digits = bigEndian.subarray(start);
  const negative = ((digits[0] ?? 0) & 0x80) !== 0;
  return element(0x02, negative ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

/** Bits, most significant first; `unusedBits` of the last octet do not count. */
export const bitString = (content: Uint8Array, unusedBits = 0): Der =>
  element(0x03, Buffer.concat([Buffer.from([unusedBits]), content]));

/** An object identifier in dotted form, for example `2.5.29.17`. */
export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second];
  for (const arc of rest) octets.push(...base128(arc));
  return element(0x06, Buffer.from(octets));
}

function base128(value: number): number[] {
  const groups = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80);
  return groups;
}

/** A time as certificates want it: UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). */
export function time(milliseconds: number): Der {
  const digits = `${new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  return Number(digits.slice(0, 4)) < 2050
    ? element(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : element(0x18, Buffer.from(digits, 'ascii'));
}

/** A context-specific tag around a finished element (EXPLICIT). */
export const explicitTag = (number: number, content: Der): Der => element(0xa0 | number, content);

/** A context-specific tag in place of the type's own (IMPLICIT), for primitive types. */
export const implicitTag = (number: number, content: Uint8Array): Der => element(0x80 | number, content);
