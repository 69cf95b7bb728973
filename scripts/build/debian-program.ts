/** Programs that only tests need. Root on a machine with apt gets them from Debian; anybody else has to have them already. */
import { spawnSync } from 'node:child_process';

const has = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Installs the package of the program's own name where the program is missing. Throws when it cannot; it never skips. */
export function ensureProgram(program: string): void {
  if (has(program)) return;
  if (process.getuid?.() !== 0 || !has('apt-get'))
    throw new Error(`${program} is missing. Install it (Debian: apt-get install ${program}), then run the same again`);
  const apt = (...words: string[]) =>
    spawnSync('apt-get', ['-qq', ...words], {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  // The list of packages may be older than the package.
  const ask = ['install', '-y', '--no-install-recommends', program];
  if (!apt(...ask) && !(apt('update') && apt(...ask)))
    throw new Error(`${program} could not be installed; the words of apt are above`);
}
