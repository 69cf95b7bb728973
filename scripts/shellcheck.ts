/**
 * Holds the scripts that `plan -o sh` writes, and the project's own, against shellcheck. It is a Debian package, so it is
 * installed from there where one is root and has apt; anywhere else it has to be there already. Fails, never skips.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completionShim } from '../lib/cli/completion-scripts.ts';
import { planScripts } from '../test/flows/rehearsal/plan-scripts.ts';

const has = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

function fail(message: string): never {
  console.error(`error: ${message}`);
  process.exit(1);
}

function install(): void {
  if (process.getuid?.() !== 0 || !has('apt-get'))
    fail('shellcheck is missing. Install it (Debian: apt-get install shellcheck), then run the same again');
  const apt = (...words: string[]) =>
    spawnSync('apt-get', ['-qq', ...words], {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  // The list of packages may be older than the package.
  const ask = ['install', '-y', '--no-install-recommends', 'shellcheck'];
  if (!apt(...ask) && !(apt('update') && apt(...ask)))
    fail('shellcheck could not be installed; the words of apt are above');
}

if (!has('shellcheck')) install();
const folder = mkdtempSync(join(tmpdir(), 'zeroloss-shellcheck-'));
const files = ['.ci/run'];
for (const { name, script } of [
  ...(await planScripts()),
  { name: 'kubectl_complete-zeroloss', script: completionShim('posix') },
]) {
  const file = join(folder, `${name}.sh`);
  writeFileSync(file, script);
  files.push(file);
}
const { status, error } = spawnSync('shellcheck', ['--severity=style', ...files], { stdio: ['ignore', 1, 2] });
rmSync(folder, { recursive: true });
if (error !== undefined) fail(`shellcheck could not be started: ${error.message}`);
if (status !== 0) process.exit(1);
console.log(`shellcheck has nothing to say about ${files.length} scripts`);
