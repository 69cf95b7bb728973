import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commands, programHelp } from '../../cmd/commands.ts';
import { complete } from '../../lib/cli/complete.ts';
import { connectionFlags } from '../../lib/cli/connection-flags.ts';
import { defineCommand } from '../../lib/cli/define.ts';
import { commonFlags } from '../../lib/cli/flags.ts';
import type { CommandEntry } from '../../lib/cli/route.ts';
import { run } from '../cmd/harness.ts';

const known = {
  entries: commands,
  groups: programHelp('kubectl zeroloss').groups,
  commonFlags: { ...connectionFlags, ...commonFlags },
};

/** The candidates alone, without descriptions and without the directive, which is checked here. */
async function offered(...words: string[]): Promise<string[]> {
  const lines = (await complete(words, known)).trimEnd().split('\n');
  assert.equal(lines.pop(), ':4');
  return lines.map((line) => line.split('\t', 1).join());
}

describe('completion offers what may stand under the cursor', () => {
  test('verbs first', async () => {
    assert.deepEqual(await offered(''), [
      ...commands.filter((entry) => !entry.name.includes(' ') && entry.name !== 'version').map((entry) => entry.name),
      'sandbox',
      'version',
      'help',
      'options',
    ]);
  });

  test('verbs that begin so', async () => assert.deepEqual(await offered('re'), ['recreate', 'restore']));
  test('verbs after a flag and its value', async () => assert.deepEqual(await offered('-n', 'prod', 'dr'), ['drain']));
  test('verbs after help', async () => assert.deepEqual(await offered('help', 'dr'), ['drain']));
  test('the verbs of a group', async () => assert.deepEqual(await offered('sandbox', ''), ['up', 'demo']));
  test('flags of a verb', async () =>
    assert.deepEqual(await offered('wait-zero', '--s'), ['--server', '--service', '--source', '--stable-for']));
  test('no flag twice, unless it may be repeated', async () => {
    assert.deepEqual(await offered('drain', '--timeout', '5m', '--ti'), []);
    assert.deepEqual(await offered('drain', '--as-group=a', '--as-g'), ['--as-group']);
  });
  test('values of a flag', async () => {
    assert.deepEqual(await offered('drain', '-o', ''), ['json', 'yaml', 'name', 'wide']);
    assert.deepEqual(await offered('drain', '--dry-run=s'), ['--dry-run=server']);
    assert.deepEqual(await offered('drain', '--source', ''), []);
    assert.deepEqual(await offered('wait-zero', '--source', ''), ['clb']);
  });
  test('nothing where it does not know, and no file names', async () => {
    assert.deepEqual(await offered('drain', ''), []);
    assert.deepEqual(await offered('frobnicate', ''), []);
    assert.deepEqual(await offered('sandbox', 'up', 'x', ''), []);
  });
});

test('a candidate carries its description after a tab', async () => {
  assert.match(await complete(['dr'], known), /^drain\tSet the weight of pods to 0 on the load balancer\n:4\n$/);
});

test('the word under the cursor is asked of the positional that it stands for', async () => {
  const asked: string[] = [];
  const command = defineCommand({
    name: 'see',
    summary: 'See',
    description: [],
    examples: [],
    positionals: {
      what: {
        required: true,
        description: '',
        take: (words) => ({ value: words[0], rest: words.slice(1) }),
        complete: async (prefix) => {
          asked.push(prefix);
          return [{ value: 'nginx', description: '10 replicas' }, { value: 'other' }];
        },
      },
    },
    flags: {},
    run: async () => 0,
  });
  const entries: CommandEntry<unknown>[] = [{ name: 'see', heading: '', load: async () => command }];
  assert.equal(await complete(['see', 'ng'], { ...known, entries }), 'nginx\t10 replicas\n:4\n');
  assert.deepEqual(asked, ['ng']);
});

test('a completion that fails offers nothing, says nothing and exits 0, or kubectl would offer file names', async () => {
  const broken: CommandEntry<unknown>[] = [
    { name: 'see', heading: '', load: () => Promise.reject(new Error('broken')) },
  ];
  assert.equal(await complete(['see', ''], { ...known, entries: broken }), ':4\n');
});

test('kubectl asks through the verb __complete', async () => {
  const ran = await run(['__complete', 'wai']);
  assert.deepEqual({ code: ran.code, stderr: ran.stderr }, { code: 0, stderr: '' });
  assert.match(ran.stdout, /^wait-zero\t/);
});
