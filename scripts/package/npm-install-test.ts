/** Installs the packed npm package into an empty prefix, offline, and runs what it put there. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The test that was made, for people. Throws when the package cannot be installed by itself or does not run as it should. */
export async function tryNpmPackage(tarball: string, version: string): Promise<string> {
  const prefix = await mkdtemp(join(tmpdir(), 'zeroloss-npm-'));
  try {
    const install = spawnSync(
      'npm',
      ['install', '--global', '--prefix', prefix, '--offline', '--loglevel=error', tarball],
      { encoding: 'utf8' },
    );
    if (install.status !== 0) throw new Error(`npm install failed: ${install.stderr}`);
    const program = join(prefix, 'bin', 'kubectl-zeroloss');
    // The Node that runs this build comes first: npm's launcher takes whichever is on PATH.
    const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: prefix };
    for (const [args, says] of [
      [['version', '--client'], `Client Version: v${version}\n`],
      [['__complete', 'wait'], 'wait-zero\tWait until'],
    ] as const) {
      const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
      if (status !== 0 || stderr !== '' || !stdout.startsWith(says)) {
        throw new Error(`the npm package does not run as it should: ${JSON.stringify({ status, stdout, stderr })}`);
      }
    }
    return 'installed into an empty prefix and run';
  } finally {
    await rm(prefix, { recursive: true, force: true });
  }
}
