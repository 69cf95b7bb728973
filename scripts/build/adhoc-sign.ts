/**
 * An ad-hoc signature for a Mach-O file: the hash of every page, and no name. Arm Macs kill a program without one
 * at exec; `node --build-sea` leaves none. (Apple, cs_blobs.h of xnu and loader.h of cctools: SuperBlob, CodeDirectory
 * 0x20400, LC_CODE_SIGNATURE.) It does not replace a Developer ID and notarisation, which browsers' downloads need.
 */
import { createHash } from 'node:crypto';

const MH_MAGIC_64 = 0xfeedfacf;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const HEADER_SIZE = 32;
const SIGNATURE_COMMAND_SIZE = 16;
const PAGE = 4096;
/** The page size that arm64 systems map by; a segment's size in memory is a multiple of it. */
const VM_PAGE = 0x4000;

const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
const CODE_DIRECTORY_SIZE = 88;
/** A SuperBlob's head and its one index entry. */
const SUPER_BLOB_SIZE = 20;
const HASH_SIZE = 32;
const CS_ADHOC = 2;
const CS_EXECSEG_MAIN_BINARY = 1n;

interface Segment {
  /** Where its load command begins. */
  command: number;
  name: string;
  fileOffset: number;
  fileSize: number;
}

interface MachO {
  segments: Segment[];
  /** First byte that a section holds: up to there load commands may be added. */
  firstSection: number;
  commands: { count: number; end: number };
  signature?: { command: number; offset: number; size: number };
}

/** The signed copy of `file`; `identifier` is the name in the signature. Throws for anything but an unsigned 64-bit Mach-O with __LINKEDIT last. */
export function signAdHoc(file: Buffer, identifier: string): Buffer {
  const { segments, firstSection, commands, signature } = readMachO(file);
  if (signature !== undefined) throw new Error('the file has a signature already');
  if (commands.end + SIGNATURE_COMMAND_SIZE > firstSection) throw new Error('no room for one more load command');
  const text = segmentNamed(segments, '__TEXT');
  const linkedit = segmentNamed(segments, '__LINKEDIT');
  if (linkedit.fileOffset + linkedit.fileSize !== file.length)
    throw new Error('__LINKEDIT is not at the end of the file');

  const codeLimit = roundUp(file.length, 16);
  const pages = Math.ceil(codeLimit / PAGE);
  const name = Buffer.from(`${identifier}\0`);
  const size = SUPER_BLOB_SIZE + CODE_DIRECTORY_SIZE + name.length + pages * HASH_SIZE;
  const signed = Buffer.concat([file, Buffer.alloc(codeLimit - file.length + size)]);

  signed.writeUInt32LE(commands.count + 1, 16);
  signed.writeUInt32LE(commands.end - HEADER_SIZE + SIGNATURE_COMMAND_SIZE, 20);
  signed.writeUInt32LE(LC_CODE_SIGNATURE, commands.end);
  signed.writeUInt32LE(SIGNATURE_COMMAND_SIZE, commands.end + 4);
  signed.writeUInt32LE(codeLimit, commands.end + 8);
  signed.writeUInt32LE(size, commands.end + 12);
  const linkeditSize = signed.length - linkedit.fileOffset;
  signed.writeBigUInt64LE(BigInt(roundUp(linkeditSize, VM_PAGE)), linkedit.command + 32);
  signed.writeBigUInt64LE(BigInt(linkeditSize), linkedit.command + 48);

  superBlob(text, codeLimit, name, size).copy(signed, codeLimit);
  pageHashes(signed, codeLimit).copy(signed, signed.length - pages * HASH_SIZE);
  return signed;
}

/** The faults of a file's load commands and its ad-hoc signature; nothing when they fit the file and every page hash is right. */
export function signatureProblems(file: Buffer): string[] {
  const machO = readMachO(file);
  const { signature, segments } = machO;
  if (signature === undefined) return ['there is no signature'];
  const problems = layoutProblems(file, machO);
  const blob = file.subarray(signature.offset, signature.offset + signature.size);
  if (blob.readUInt32BE(0) !== SUPER_BLOB) return ['the signature is no SuperBlob'];
  const directory = blob.subarray(blob.readUInt32BE(16));
  if (directory.readUInt32BE(0) !== CODE_DIRECTORY) return ['the signature has no code directory'];
  const codeLimit = directory.readUInt32BE(32);
  if (codeLimit !== signature.offset) problems.push('the signature does not cover all that stands before it');
  const linkedit = segmentNamed(segments, '__LINKEDIT');
  if (linkedit.fileOffset + linkedit.fileSize !== file.length) problems.push('__LINKEDIT does not hold the signature');
  const hashes = directory.subarray(directory.readUInt32BE(16)).subarray(0, directory.readUInt32BE(28) * HASH_SIZE);
  const right = pageHashes(file, codeLimit);
  if (hashes.length !== right.length)
    problems.push(`${hashes.length / HASH_SIZE} pages are signed, not ${right.length / HASH_SIZE}`);
  for (let page = 0; page < Math.min(hashes.length, right.length) / HASH_SIZE; page++) {
    const place = page * HASH_SIZE;
    if (hashes.compare(right, place, place + HASH_SIZE, place, place + HASH_SIZE) !== 0)
      problems.push(`page ${page} is not what was signed`);
  }
  return problems;
}

/** A loader maps segments by their load commands: each must lie within the file, and no two may share a byte. */
function layoutProblems(file: Buffer, { segments, commands, firstSection }: MachO): string[] {
  const problems: string[] = [];
  if (commands.end - HEADER_SIZE !== file.readUInt32LE(20))
    problems.push('the load commands have another size than the header says');
  if (commands.end > firstSection) problems.push('the load commands reach into the first section');
  const placed = segments.filter(({ fileSize }) => fileSize > 0).sort((a, b) => a.fileOffset - b.fileOffset);
  for (const [index, { name, fileOffset, fileSize }] of placed.entries()) {
    const next = placed[index + 1];
    if (fileOffset + fileSize > file.length) problems.push(`segment ${name} reaches beyond the end of the file`);
    if (next !== undefined && fileOffset + fileSize > next.fileOffset)
      problems.push(`segment ${name} reaches into segment ${next.name}`);
  }
  return problems;
}

function superBlob(text: Segment, codeLimit: number, name: Buffer, size: number): Buffer {
  const blob = Buffer.alloc(SUPER_BLOB_SIZE + CODE_DIRECTORY_SIZE + name.length);
  // SuperBlob: magic, length, one entry: type 0 (code directory), where it begins.
  for (const [place, word] of [SUPER_BLOB, size, 1, 0, SUPER_BLOB_SIZE].entries()) blob.writeUInt32BE(word, place * 4);
  const directory = blob.subarray(SUPER_BLOB_SIZE);
  const words = [
    CODE_DIRECTORY,
    size - SUPER_BLOB_SIZE,
    0x20400,
    CS_ADHOC,
    CODE_DIRECTORY_SIZE + name.length, // where the hashes begin
    CODE_DIRECTORY_SIZE, // where the name begins
    0, // special slots
    Math.ceil(codeLimit / PAGE),
    codeLimit,
  ];
  for (const [place, word] of words.entries()) directory.writeUInt32BE(word, place * 4);
  directory.writeUInt8(HASH_SIZE, 36);
  directory.writeUInt8(2, 37); // SHA-256
  directory.writeUInt8(Math.log2(PAGE), 39);
  directory.writeBigUInt64BE(BigInt(text.fileOffset), 64);
  directory.writeBigUInt64BE(BigInt(text.fileSize), 72);
  directory.writeBigUInt64BE(CS_EXECSEG_MAIN_BINARY, 80);
  name.copy(directory, CODE_DIRECTORY_SIZE);
  return blob;
}

function pageHashes(file: Buffer, codeLimit: number): Buffer {
  const hashes: Buffer[] = [];
  for (let at = 0; at < codeLimit; at += PAGE) {
    hashes.push(
      createHash('sha256')
        .update(file.subarray(at, Math.min(at + PAGE, codeLimit)))
        .digest(),
    );
  }
  return Buffer.concat(hashes);
}

function readMachO(file: Buffer): MachO {
  if (file.length < HEADER_SIZE || file.readUInt32LE(0) !== MH_MAGIC_64) throw new Error('not a 64-bit Mach-O file');
  const count = file.readUInt32LE(16);
  const machO: MachO = { segments: [], firstSection: file.length, commands: { count, end: HEADER_SIZE } };
  let at = HEADER_SIZE;
  for (let left = count; left > 0; left--) {
    const kind = file.readUInt32LE(at);
    if (kind === LC_CODE_SIGNATURE) {
      machO.signature = { command: at, offset: file.readUInt32LE(at + 8), size: file.readUInt32LE(at + 12) };
    }
    if (kind === LC_SEGMENT_64) {
      machO.segments.push({
        command: at,
        name: file.toString('latin1', at + 8, at + 24).replace(/\0+$/, ''),
        fileOffset: Number(file.readBigUInt64LE(at + 40)),
        fileSize: Number(file.readBigUInt64LE(at + 48)),
      });
      machO.firstSection = Math.min(machO.firstSection, firstSectionOf(file, at));
    }
    at += file.readUInt32LE(at + 4);
  }
  machO.commands.end = at;
  return machO;
}

/** Where the first section of a segment that has bytes in the file begins. */
function firstSectionOf(file: Buffer, command: number): number {
  let first = file.length;
  for (let left = file.readUInt32LE(command + 64), at = command + 72; left > 0; left--, at += 80) {
    const offset = file.readUInt32LE(at + 48);
    if (offset > 0) first = Math.min(first, offset);
  }
  return first;
}

function segmentNamed(segments: readonly Segment[], name: string): Segment {
  const found = segments.find((segment) => segment.name === name);
  if (found === undefined) throw new Error(`there is no segment ${name}`);
  return found;
}

const roundUp = (size: number, to: number): number => Math.ceil(size / to) * to;
