import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { commands } from '../../cmd/commands.ts';
import { loadCommand } from '../../lib/cli/define-command.ts';
import { RECORDING_FORMAT } from '../../lib/core/story/recording.ts';
import { run, runLine } from './harness.ts';

const GOLDEN = new URL('../golden/help/', import.meta.url);

/** Help pages that are kept: UPDATE_GOLDEN=1 writes them anew. */
const PAGES: readonly [file: string, argv: readonly string[]][] = [
  ['zeroloss', ['--help']],
  ['options', ['options']],
  ['sandbox', ['sandbox', '--help']],
  ...commands.map(({ name }): [string, string[]] => [name.replaceAll(' ', '-'), [...name.split(' '), '--help']]),
];

describe('help is as it is kept in test/golden/help', () => {
  for (const [file, argv] of PAGES) {
    test(file, async () => {
      const { stdout, stderr, code } = await run(argv);
      assert.equal(code, 0);
      assert.equal(stderr, '');
      const golden = new URL(`${file}.txt`, GOLDEN);
      if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(golden, stdout);
      assert.equal(stdout, await readFile(golden, 'utf8'), 'UPDATE_GOLDEN=1 writes the help anew');
    });
  }
});

describe('every way to ask for the help of drain gives the same page', () => {
  for (const line of [
    'drain -h',
    'help drain',
    'drain nginx --help',
    '-n prod drain nginx 0 --help',
    '--help drain',
    'drain help',
  ]) {
    test(line, async () => {
      assert.equal((await runLine(line)).stdout, (await runLine('drain --help')).stdout);
    });
  }
});

test('the program alone prints its help, and so does a group', async () => {
  assert.equal((await run([])).stdout, (await run(['--help'])).stdout);
  assert.equal((await run(['sandbox'])).stdout, (await run(['help', 'sandbox'])).stdout);
});

test('--help after -- is a word, not a request', async () => {
  assert.equal((await runLine('status nginx -- --help')).code, 2);
});

test('usage shows the name the program was called by', async () => {
  const { stdout } = await run(['drain', '--help'], { program: 'zl' });
  assert.match(stdout, /^ {2}zl drain TARGET \[ORDINALS\] \[options\]$/m);
  assert.doesNotMatch(stdout, /kubectl zeroloss/);
});

test('the examples of every command can be typed: each is understood', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-path-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'kubectl-zeroloss'), '', { mode: 0o755 });
  const record = join(folder, 'upgrade.jsonl');
  await writeFile(record, `{"at":"2026-01-01T00:00:00Z","kind":"begin","format":"${RECORDING_FORMAT}"}\n`);
  for (const entry of commands) {
    const command = await loadCommand(entry);
    for (const { command: example } of command.examples) {
      // These run until they are stopped.
      if (command.name.startsWith('sandbox') || example.endsWith(' -w')) continue;
      // Words that a shell takes from the line itself; only a real world writes a recording.
      const words = example.replace(/ (&|> \S+|--record \S+)$/, '').replace('upgrade.jsonl', record);
      const { code, stderr } = await runLine(words.replace('/usr/local/bin', folder), { env: { PATH: folder } });
      assert.equal(code, 0, `${example}: ${stderr}`);
    }
  }
});

test('summaries begin with a capital verb and have no full stop', async () => {
  for (const { summary } of commands) assert.match(summary, /^[A-Z][a-z]+ .*[^.]$/);
});

test('lines of help are at most 100 columns wide, but for commands to copy', async () => {
  for (const [, argv] of PAGES) {
    const { stdout } = await run(argv);
    const long = stdout.split('\n').filter((line) => line.length > 100 && !line.includes('kubectl zeroloss'));
    assert.deepEqual(long, []);
  }
});
