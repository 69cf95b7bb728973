/** Archives that are alike byte for byte whenever their files are: one fixed time, no owner, files in the order given. */
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

export interface ArchivedFile {
  /** With `/` between folders and file. */
  name: string;
  content: Buffer;
  executable: boolean;
}

/** 1980-01-01T00:00:00Z: the earliest that a zip file can say. */
const TIME_SECONDS = 315_532_800;
const ZIP_DATE = 0x0021;
const TAR_BLOCK = 512;

/** A gzipped ustar archive (POSIX.1-1988). */
export function tarGz(files: readonly ArchivedFile[]): Buffer {
  const parts = files.flatMap(({ name, content, executable }) => [
    tarHeader(name, content.length, executable),
    content,
    Buffer.alloc(-content.length & (TAR_BLOCK - 1)),
  ]);
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * TAR_BLOCK)]), { level: 9 });
}

function tarHeader(name: string, size: number, executable: boolean): Buffer {
  const header = Buffer.alloc(TAR_BLOCK);
  const octal = (value: number, at: number, width: number) =>
    header.write(value.toString(8).padStart(width - 1, '0'), at);
  header.write(name, 0);
  octal(executable ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(TIME_SECONDS, 136, 12);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  header[154] = 0;
  return header;
}

/** A zip archive (APPNOTE.TXT 6.3.10) without extra fields. */
export function zip(files: readonly ArchivedFile[]): Buffer {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, executable } of files) {
    const packed = deflateRawSync(content, { level: 9 });
    const common = Buffer.alloc(26);
    for (const [at, value] of [
      [0, 20], // version needed: 2.0
      [4, 8], // deflate
      [8, ZIP_DATE],
    ] as const) {
      common.writeUInt16LE(value, at);
    }
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);

    const made = Buffer.alloc(2);
    made.writeUInt16LE((3 << 8) | 20); // by Unix, so that modes count
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((0o100000 | (executable ? 0o755 : 0o644)) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02', 'latin1'), made, common, rest, Buffer.from(name));
    const entry = [Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed];
    entries.push(...entry);
    offset += entry.reduce((sum, part) => sum + part.length, 0);
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...entries, central, end]);
}
