/** Holds the scripts that `plan -o sh` writes, and the project's own, against shellcheck. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completionShim } from '../lib/cli/completion/completion-scripts.ts';
import { planScripts } from '../test/flows/rehearsal/plan-scripts.ts';
import { ensureProgram } from './build/debian-program.ts';

ensureProgram('shellcheck');
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
if (error !== undefined) throw new Error(`shellcheck could not be started: ${error.message}`);
if (status !== 0) process.exit(1);
console.log(`shellcheck has nothing to say about ${files.length} scripts`);
