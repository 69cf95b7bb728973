import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removeAuthenticode } from '../../../scripts/build/unsign-pe.ts';

const PE = 0x80;
const OPTIONAL = PE + 24;
const CHECKSUM = OPTIONAL + 64;
const CERTIFICATES = OPTIONAL + 112 + 4 * 8;
const CODE = Buffer.alloc(64, 'x');
const SIGNATURE = Buffer.alloc(40, 's');

/** The least that is a PE32+ file with certificates at its end, before `change`. */
function signedExecutable(change: (file: Buffer) => void = () => undefined): Buffer {
  const header = Buffer.alloc(CERTIFICATES + 8);
  header.write('MZ', 0, 'latin1');
  header.writeUInt32LE(PE, 0x3c);
  header.write('PE\0\0', PE, 'latin1');
  header.writeUInt16LE(0x20b, OPTIONAL);
  header.writeUInt32LE(0xdeadbeef, CHECKSUM);
  header.writeUInt32LE(header.length + CODE.length, CERTIFICATES);
  header.writeUInt32LE(SIGNATURE.length, CERTIFICATES + 4);
  const file = Buffer.concat([header, CODE, SIGNATURE]);
  change(file);
  return file;
}

test('the certificates go, with the entry that names them and the checksum over them; the rest stays', () => {
  const file = signedExecutable();
  const before = Buffer.from(file);
  const bare = removeAuthenticode(file);
  const expected = Buffer.from(before.subarray(0, -SIGNATURE.length));
  expected.fill(0, CHECKSUM, CHECKSUM + 4);
  expected.fill(0, CERTIFICATES, CERTIFICATES + 8);
  assert.deepEqual(bare, expected);
  assert.deepEqual(file, before, 'what was given was changed');
});

test('a file without certificates stays as it is, so that doing it twice is doing it once', () => {
  const bare = removeAuthenticode(signedExecutable());
  assert.deepEqual(removeAuthenticode(bare), bare);
});

test('certificates in the middle of the file are left alone: what follows them would move', () => {
  const file = signedExecutable((bytes) => bytes.writeUInt32LE(SIGNATURE.length - 8, CERTIFICATES + 4));
  assert.throws(() => removeAuthenticode(file), /not at the end of the file/);
});

test('anything but a 64-bit Windows executable is refused', () => {
  const wrong = [
    Buffer.alloc(0),
    Buffer.from('MZ'),
    Buffer.from(`\x7fELF${'\0'.repeat(400)}`, 'latin1'),
    signedExecutable((file) => file.writeUInt16LE(0x10b, OPTIONAL)),
    signedExecutable((file) => file.writeUInt32LE(0xffffff00, 0x3c)),
    signedExecutable().subarray(0, CERTIFICATES + 4),
  ];
  for (const file of wrong) assert.throws(() => removeAuthenticode(file), /not a 64-bit Windows executable/);
});
