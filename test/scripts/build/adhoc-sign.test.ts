import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { signAdHoc, signatureProblems } from '../../../scripts/build/adhoc-sign.ts';

const PAGE = 4096;
const TEXT_SIZE = 3 * PAGE;

/** A Mach-O file with __TEXT (one section, at its end) and __LINKEDIT, and nothing that a loader would run. */
function machO({ linkeditSize = 1000, sectionAt = 2 * PAGE } = {}): Buffer {
  const file = Buffer.alloc(TEXT_SIZE + linkeditSize, 7);
  file.fill(0, 0, 1024);
  for (const [place, word] of [0xfeedfacf, 0x0100000c, 0, 2, 2, 152 + 72, 0, 0].entries())
    file.writeUInt32LE(word, place * 4);
  segment(file, 32, '__TEXT', 0, TEXT_SIZE, 152);
  file.writeUInt32LE(1, 32 + 64);
  file.writeUInt32LE(sectionAt, 32 + 72 + 48);
  segment(file, 184, '__LINKEDIT', TEXT_SIZE, linkeditSize, 72);
  return file;
}

function segment(file: Buffer, at: number, name: string, offset: number, size: number, commandSize: number): void {
  file.writeUInt32LE(0x19, at);
  file.writeUInt32LE(commandSize, at + 4);
  file.write(name, at + 8, 'latin1');
  file.writeBigUInt64LE(BigInt(offset), at + 40);
  file.writeBigUInt64LE(BigInt(size), at + 48);
}

describe('an ad-hoc signature', () => {
  const signed = signAdHoc(machO(), 'kubectl-zeroloss');
  const signatureAt = TEXT_SIZE + 1008;

  test('has the right hash for every page, the headers that it changed among them', () => {
    assert.deepEqual(signatureProblems(signed), []);
    const first = createHash('sha256').update(signed.subarray(0, PAGE)).digest();
    const hashesAt = signatureAt + 20 + signed.readUInt32BE(signatureAt + 20 + 16);
    assert.deepEqual(signed.subarray(hashesAt, hashesAt + 32), first);
    const last = createHash('sha256').update(signed.subarray(TEXT_SIZE, signatureAt)).digest();
    assert.deepEqual(signed.subarray(-32), last, 'the last page ends where the signature begins');
  });

  test('is announced by a load command, and is part of __LINKEDIT', () => {
    assert.equal(signed.readUInt32LE(16), 3);
    assert.deepEqual(
      [0, 4, 8, 12].map((at) => signed.readUInt32LE(256 + at)),
      [0x1d, 16, signatureAt, signed.length - signatureAt],
    );
    assert.equal(signed.readBigUInt64LE(184 + 48), BigInt(signed.length - TEXT_SIZE));
    assert.equal(signed.readBigUInt64LE(184 + 32), 0x4000n, 'whole pages of memory');
  });

  test('names the program, is marked ad-hoc, and covers the executable segment', () => {
    const directory = signed.subarray(signatureAt + 20);
    assert.equal(directory.toString('latin1', 88, 88 + 17), 'kubectl-zeroloss\0');
    assert.equal(directory.readUInt32BE(12), 2);
    assert.equal(directory.readBigUInt64BE(72), BigInt(TEXT_SIZE));
  });

  test('is found wrong where a segment reaches into the next one', () => {
    const changed = Buffer.from(signed);
    changed.writeBigUInt64LE(BigInt(TEXT_SIZE + 1), 32 + 48);
    assert.ok(signatureProblems(changed).includes('segment __TEXT reaches into segment __LINKEDIT'));
  });

  test('is found wrong where the load commands have another size than the header says', () => {
    const changed = Buffer.from(signed);
    changed.writeUInt32LE(signed.readUInt32LE(20) + 8, 20);
    assert.ok(signatureProblems(changed).includes('the load commands have another size than the header says'));
  });

  test('is found broken when any page changes', () => {
    for (const [at, page] of [
      [100, 0],
      [PAGE, 1],
      [signatureAt - 1, 3],
    ] as const) {
      const changed = Buffer.from(signed);
      changed[at] = 1 + (changed[at] ?? 0);
      assert.deepEqual(signatureProblems(changed), [`page ${page} is not what was signed`]);
    }
  });
});

describe('a file that cannot be signed is refused', () => {
  const sign = (file: Buffer) => () => signAdHoc(file, 'x');
  test('another kind of file', () => assert.throws(sign(Buffer.alloc(100)), /not a 64-bit Mach-O/));
  test('a signed file', () => assert.throws(sign(signAdHoc(machO(), 'x')), /has a signature already/));
  test('a file without room for the load command', () => assert.throws(sign(machO({ sectionAt: 270 })), /no room/));
  test('a file with something behind __LINKEDIT', () =>
    assert.throws(sign(Buffer.concat([machO(), Buffer.alloc(1)])), /__LINKEDIT is not at the end/));
});

test('an unsigned file is reported as unsigned', () =>
  assert.deepEqual(signatureProblems(machO()), ['there is no signature']));
