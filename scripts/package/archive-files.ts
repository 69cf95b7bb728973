/** The files of an archive, in this order. krew refuses links and what lies outside, and wants a licence. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { completionShim } from '../../lib/cli/completion/completion-scripts.ts';
import { ROOT } from '../build/bundle.ts';
import type { ArchivedFile } from './archive.ts';
import { LICENCES } from './licences.ts';
import { papers } from './papers.ts';
import { type Platform, programFile } from './platforms.ts';

export async function archiveFiles(target: Platform, program: Buffer, licences: string): Promise<ArchivedFile[]> {
  const windows = target.os === 'windows';
  return [
    { name: 'LICENSE', content: await readFile(join(ROOT, 'LICENSE')), executable: false },
    { name: LICENCES, content: Buffer.from(licences), executable: false },
    ...(await papers()).map((paper) => ({ ...paper, executable: false })),
    { name: programFile(target), content: program, executable: true },
    {
      name: windows ? 'kubectl_complete-zeroloss.cmd' : 'kubectl_complete-zeroloss',
      content: Buffer.from(completionShim(windows ? 'windows' : 'posix')),
      executable: true,
    },
  ];
}
