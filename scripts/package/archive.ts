/** Archives that are the same byte for byte whenever their files are: one fixed time, no owner, files in the order given. */
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { ZipFile } from 'yazl';

export interface ArchivedFile {
  /** With `/` between folders and file. */
  name: string;
  content: Buffer;
  executable: boolean;
}

/** The earliest time that a zip file can hold. */
const TIME = new Date(Date.UTC(1980, 0, 1));

const modeOf = ({ executable }: ArchivedFile): number => (executable ? 0o755 : 0o644);

/** A gzipped ustar archive (POSIX.1-1988). */
export async function tarGz(files: readonly ArchivedFile[]): Promise<Buffer> {
  const tar = pack();
  for (const file of files) {
    const header = { name: file.name, mode: modeOf(file), mtime: TIME, uid: 0, gid: 0, uname: '', gname: '' };
    tar.entry(header, file.content);
  }
  tar.finalize();
  return gzipSync(await buffer(tar), { level: 9 });
}

/** A zip archive (APPNOTE.TXT 6.3.10) whose modes count on Unix. */
export async function zip(files: readonly ArchivedFile[]): Promise<Buffer> {
  const archive = new ZipFile();
  for (const file of files)
    archive.addBuffer(file.content, file.name, {
      // yazl writes local time: the same numbers in every time zone.
      mtime: new Date(1980, 0, 1),
      forceDosTimestamp: true,
      mode: 0o100000 | modeOf(file),
      compressionLevel: 9,
    });
  archive.end();
  return buffer(archive.outputStream);
}
