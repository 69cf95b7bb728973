import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commands, programHelp } from '../../../cmd/commands.ts';
import { complete } from '../../../lib/cli/completion/complete-words.ts';
import { connectionFlags } from '../../../lib/cli/connection-flags.ts';
import type { CommandEntry } from '../../../lib/cli/define-command.ts';
import { defineCommand } from '../../../lib/cli/define-command.ts';
import type { Offers } from '../../../lib/cli/flag.ts';
import { commonFlags, dryRunFlag, outputFlag, timeoutFlag } from '../../../lib/cli/verb-flags.ts';
import { run } from '../../cmd/harness.ts';

const known = {
  entries: commands,
  groups: programHelp('kubectl zeroloss').groups,
  beforeCommand: {
    ...connectionFlags,
    ...commonFlags,
    output: outputFlag,
    dryRun: dryRunFlag,
    timeout: timeoutFlag('0'),
  },
  openOffers: () => offersOf({}),
};

/** The names that a cluster would offer; a kind that is left out cannot be asked. */
function offersOf(answers: Partial<Offers>): Offers {
  const unreachable = () => Promise.reject(new Error('no cluster here'));
  return {
    contexts: unreachable,
    clusters: unreachable,
    users: unreachable,
    namespaces: unreachable,
    statefulSets: unreachable,
    deployments: unreachable,
    services: unreachable,
    nodes: unreachable,
    ordinals: unreachable,
    ports: unreachable,
    ...answers,
  };
}

/** The candidates alone, without descriptions and without the directive, which is checked here. */
async function offered(...words: string[]): Promise<string[]> {
  const lines = (await complete(words, known)).trimEnd().split('\n');
  assert.equal(lines.pop(), ':4');
  return lines.map((line) => line.split('\t', 1).join());
}

describe('completion offers what may stand under the cursor', () => {
  test('verbs first', async () => {
    assert.deepEqual(await offered(''), [
      ...commands.map((entry) => entry.name).filter((name) => !/ |^(completion|version)$/.test(name)),
      'sandbox',
      'completion',
      'version',
      'help',
      'options',
    ]);
  });

  test('verbs that begin so', async () => assert.deepEqual(await offered('re'), ['recreate', 'restore', 'resume']));
  test('verbs after a flag and its value', async () => assert.deepEqual(await offered('-n', 'prod', 'dr'), ['drain']));
  test('verbs after a flag that most of them take', async () => {
    assert.deepEqual(await offered('-o', 'json', 'dr'), ['drain']);
    assert.deepEqual(await offered('--timeout', '5m', '--dry-run', 'dr'), ['drain']);
    assert.deepEqual(await offered('--dry-'), ['--dry-run']);
  });
  test('no flags that the verb would refuse', async () => {
    assert.deepEqual(await offered('version', '--rec'), []);
    assert.deepEqual(await offered('status', '--dry'), []);
    assert.deepEqual(await offered('status', '--rec'), ['--record']);
  });
  test('verbs after help', async () => assert.deepEqual(await offered('help', 'dr'), ['drain']));
  test('the verbs of a group', async () =>
    assert.deepEqual(await offered('sandbox', ''), ['up', 'demo', 'experiment']));
  test('the experiments, and all of them', async () =>
    assert.deepEqual((await offered('sandbox', 'experiment', 'c')).toSorted(), ['client-retry', 'cut-off']));
  test('flags of a verb', async () =>
    assert.deepEqual(await offered('wait-zero', '--s'), [
      '--secret-id',
      '--secret-key',
      '--secret-token',
      '--server',
      '--service',
      '--skip-done',
      '--source',
      '--stable-for',
    ]));
  test('no flag twice, unless it may be repeated', async () => {
    assert.deepEqual(await offered('drain', '--timeout', '5m', '--ti'), []);
    assert.deepEqual(await offered('drain', '--as-group=a', '--as-g'), ['--as-group']);
  });
  test('values of a flag', async () => {
    assert.deepEqual(await offered('drain', '-o', ''), ['json', 'yaml', 'name', 'wide']);
    assert.deepEqual(await offered('drain', '--dry-run=s'), ['server'], 'the scripts of shells put the flag before it');
    assert.deepEqual(await offered('drain', '--source', ''), []);
    assert.deepEqual(await offered('wait-zero', '--source', 'c'), ['clb']);
    assert.deepEqual(await offered('wait-zero', '--source', 'clb,'), ['clb,pod', 'clb,metrics']);
  });
  test('nothing where it does not know, and no file names', async () => {
    assert.deepEqual(await offered('drain', ''), []);
    assert.deepEqual(await offered('frobnicate', ''), []);
    assert.deepEqual(await offered('sandbox', 'up', 'x', ''), []);
  });
});

describe('completion asks the cluster for names', () => {
  const asked: { flags: ReadonlyMap<string, readonly string[]>; target?: readonly string[] }[] = [];
  const named =
    (...values: string[]) =>
    async () =>
      values.map((value) => ({ value }));
  const asking = {
    ...known,
    openOffers(flags: ReadonlyMap<string, readonly string[]>): Offers {
      asked.push({ flags });
      return offersOf({
        contexts: named('test', 'prod'),
        clusters: named('c'),
        users: named('u'),
        namespaces: named('default', 'dev'),
        statefulSets: named('nginx', 'redis'),
        deployments: named('web', 'api'),
        services: named('web', 'web-internal'),
        async ordinals(target) {
          asked.push({ flags, target });
          return ['0', '1', '10'].map((value) => ({ value, description: 'outdated' }));
        },
      });
    },
  };
  const CASES: readonly [line: string[], offered: string[]][] = [
    [
      ['drain', ''],
      ['nginx', 'redis'],
    ],
    [['drain', 'r'], ['redis']],
    [['drain', 'sts/n'], ['sts/nginx']],
    [
      ['drain', 'nginx', ''],
      ['0', '1', '10'],
    ],
    [
      ['drain', 'nginx', '1'],
      ['1', '10'],
    ],
    [['drain', 'nginx', '0,1,'], ['0,1,10']],
    [
      ['drain', 'sts', 'nginx', ''],
      ['0', '1', '10'],
    ],
    [['drain', 'nginx', '0', ''], []],
    [['drain', 'deployment', 'nginx', ''], []],
    [
      ['drain', '-n', 'd'],
      ['default', 'dev'],
    ],
    [
      ['drain', '--namespace=de'],
      ['default', 'dev'],
    ],
    [
      ['status', '--context', ''],
      ['test', 'prod'],
    ],
    [['status', '--cluster', ''], ['c']],
    [['status', '--user', ''], ['u']],
    [['status', '--service', 'web,'], ['web,web-internal']],
    [
      ['status', '-o', 'wide', ''],
      ['nginx', 'redis'],
    ],
    [
      ['drain', '--timeout', '5m', 'nginx', ''],
      ['0', '1', '10'],
    ],
    [
      ['wait-zero', '--stable-for', '1m', '--source', 'pod', 'nginx', ''],
      ['0', '1', '10'],
    ],
    [
      ['-o', 'json', 'drain', '--min-serving', '1', 'nginx', ''],
      ['0', '1', '10'],
    ],
    [['status', 'nginx', ''], ['redis']],
    [['check', 'sts', 'nginx', 'r'], ['redis']],
    [
      ['check', ''],
      ['nginx', 'redis', 'deployment/web', 'deployment/api'],
    ],
    [['check', 'deployment/w'], ['deployment/web']],
    [
      ['check', 'deploy/'],
      ['deploy/web', 'deploy/api'],
    ],
    [['check', 'deployment/web', 'd'], ['deployment/api']],
    [['check', 'sts/n'], ['sts/nginx']],
    [['status', 'deployment/'], []],
    [['check', 'sts/nginx', 'sts/'], ['sts/redis']],
    [['status', 'nginx', 'redis', ''], []],
    [['completion', 'f'], ['fish']],
  ];
  for (const [line, expected] of CASES) {
    test(JSON.stringify(line), async () => {
      const lines = (await complete(line, asking)).trimEnd().split('\n');
      assert.deepEqual(
        lines.slice(0, -1).map((text) => text.split('\t', 1).join()),
        expected,
      );
    });
  }

  test('with the flags and the target of the line, and without the flag that is being written', async () => {
    asked.length = 0;
    await complete(['drain', '-nprod', 'sts', 'nginx', '--context', 'a', ''], asking);
    assert.deepEqual(asked.at(-1), {
      flags: new Map([
        ['context', ['a']],
        ['namespace', ['prod']],
      ]),
      target: ['sts', 'nginx'],
    });
    await complete(['drain', '-nprod', '--context', ''], asking);
    assert.deepEqual(asked.at(-1), { flags: new Map([['namespace', ['prod']]]) });
  });
});

test('a candidate carries its description after a tab', async () => {
  assert.match(await complete(['dr'], known), /^drain\tSet the weight of pods to 0 on the load balancer\n:4\n$/);
});

test('the word under the cursor is asked of the positional that it stands for', async () => {
  const asked: string[] = [];
  const command = defineCommand({
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
  const entries: CommandEntry<unknown>[] = [{ name: 'see', heading: '', summary: '', load: async () => command }];
  assert.equal(await complete(['see', 'ng'], { ...known, entries }), 'nginx\t10 replicas\n:4\n');
  assert.deepEqual(asked, ['ng']);
});

test('a completion that fails offers nothing, says nothing and exits 0, or kubectl would offer file names', async () => {
  const broken: CommandEntry<unknown>[] = [
    { name: 'see', heading: '', summary: '', load: () => Promise.reject(new Error('broken')) },
  ];
  assert.equal(await complete(['see', ''], { ...known, entries: broken }), ':4\n');
});

test('a verb is found behind every flag that the parser takes before it', async () => {
  for (const flags of [['-o', 'json'], ['--service', 'a'], ['--no-headers'], ['--record', 'f'], ['--region', 'r']])
    assert.match((await run(['__complete', ...flags, 'wai'])).stdout, /^wait-zero\t/);
});

test('kubectl asks through the verb __complete', async () => {
  const ran = await run(['__complete', 'wai']);
  assert.deepEqual({ code: ran.code, stderr: ran.stderr }, { code: 0, stderr: '' });
  assert.match(ran.stdout, /^wait-zero\t/);
});

test('a credential plugin does not ask while a line is completed: the shell reads the keys', async () => {
  const ran = await run(['__complete', 'drain', '']);
  assert.deepEqual(
    ran.worlds.map(({ interactive }) => interactive),
    [false],
  );
});
