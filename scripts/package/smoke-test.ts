/** Runs a built archive the way its users will; every difference from what is expected is an error. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findKubectl } from '../../test/kubectl.ts';
import { isHost, type Platform } from './platforms.ts';

const QEMU = { arm64: ['qemu-aarch64-static', '/usr/aarch64-linux-gnu'] } as const;

const LIBRARIES = 'Debian: libc6-arm64-cross, libstdc++6-arm64-cross, libatomic1-arm64-cross';

/** The test that was made, for people: `run through kubectl`, `run under qemu-aarch64-static`, `not run: …`. Throws when it does not run as it should. */
export async function smokeTest(archive: string, target: Platform, version: string): Promise<string> {
  if (target.os === 'darwin' && !isHost(target))
    return 'not run: another system; every page hash of its signature was checked';
  if (target.os === 'windows' && !isHost(target)) return 'not run: another system';
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-smoke-'));
  try {
    expectClean(spawnSync('tar', ['-xf', archive, '-C', folder], { encoding: 'utf8' }), /^$/);
    const program = join(folder, 'kubectl-zeroloss');
    if (!isHost(target)) return runUnderQemu(program, target, version);

    const run = (file: string, ...args: string[]) =>
      spawnSync(file, args, {
        encoding: 'utf8',
        env: { PATH: [folder, process.env['PATH']].join(delimiter), HOME: folder, NODE_OPTIONS: '--no-such-option' },
      });
    expectClean(run(program, 'version', '--client'), versionLine(version));
    expectClean(run(program, 'sandbox', 'up', '--help'), /--env-file/);
    const kubectl = findKubectl();
    if (kubectl === undefined) return 'run by itself; there is no kubectl here';
    expectClean(run(kubectl, 'zeroloss', 'version', '--client'), versionLine(version));
    expectClean(run(kubectl, '__complete', 'zeroloss', 'wait'), /^wait-zero\t/, /ShellCompDirectiveNoFileComp/);
    return 'run through kubectl';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runUnderQemu(program: string, { arch }: Platform, version: string): string {
  const [qemu, libraries] = arch === 'arm64' ? QEMU.arm64 : ['', ''];
  if (!existsSync(libraries)) return `not run: no ${libraries || 'emulator'} (${LIBRARIES})`;
  const result = spawnSync(qemu, ['-L', libraries, program, 'version', '--client'], {
    encoding: 'utf8',
    cwd: dirname(program),
  });
  if (result.error !== undefined) return `not run: ${qemu} cannot be started (Debian: qemu-user-static)`;
  if (/error while loading shared libraries/.test(result.stderr))
    return `not run: ${libraries} lacks a library (${LIBRARIES})`;
  expectClean(result, versionLine(version));
  return `run under ${qemu}`;
}

const versionLine = (version: string): RegExp => new RegExp(`^Client Version: v${version.replaceAll('.', '\\.')}\n$`);

/** stderr is empty unless given otherwise: a warning there would be seen at every run. */
function expectClean(
  { status, stdout, stderr, error }: { status: number | null; stdout: string; stderr: string; error?: Error },
  says: RegExp,
  warns = /^$/,
): void {
  if (error === undefined && status === 0 && says.test(stdout) && warns.test(stderr)) return;
  throw new Error(
    `the archive does not run as it should: ${JSON.stringify({ status, stdout, stderr, error: error?.message })}`,
  );
}
