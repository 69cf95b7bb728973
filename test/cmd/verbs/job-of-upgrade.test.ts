/** Every flag of upgrade is in the Job or the Workflow that plan prints, or is refused by its name: none is dropped in silence. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commands } from '../../../cmd/commands.ts';
import { flagName } from '../../../lib/cli/arguments.ts';
import { connectionFlags } from '../../../lib/cli/connection-flags.ts';
import { loadCommand } from '../../../lib/cli/define-command.ts';
import type { JobWish } from '../../../lib/core/job/job-manifest.ts';
import { run } from '../harness.ts';

const jobAs = (format: string) => ['plan', 'nginx', '-o', format, '--job-image', 'zeroloss:v1', '--job-secret', 'key'];
const JOB = jobAs('job');

/** A value that each flag accepts, and what else that flag needs. */
const SAMPLES: Readonly<Record<string, readonly [value: string, ...more: string[]]>> = {
  image: ['nginx=nginx:2'],
  'max-unavailable': ['2'],
  batch: ['2'],
  surge: ['1'],
  soak: ['1m'],
  'ask-every': ['2'],
  'busy-after': ['1h', '--max-unavailable=2'],
  'pause-at': ['50%'],
  pin: ['u-1/0123456789abcdef'],
  'restarted-at': ['2026-05-04T12:00:00Z', '--restart'],
  node: ['node-7'],
  'allow-alone': ['nginx'],
  timeout: ['2h'],
  'min-serving': ['50%'],
  source: ['clb'],
  'stable-for': ['45s'],
  'max-connections': ['2'],
  'ignore-port': ['metrics'],
  'debug-image': ['busybox'],
  metric: ['open_connections'],
  'metrics-port': ['9090', '--metric=open'],
  'metrics-path': ['/metrics', '--metric=open'],
  'gate-command': ['true'],
  'gate-query': ['up', '--prometheus=http://p:9090'],
  prometheus: ['http://p:9090', '--gate-query=up'],
  'notify-command': ['cat'],
  'metrics-textfile': ['/tmp/nginx.prom'],
  service: ['nginx'],
  'dry-run': ['client'],
  record: ['/tmp/run.jsonl'],
  region: ['ap-guangzhou'],
  'cloud-site': ['intl'],
  'request-timeout': ['30s'],
};

/**
 * These choose where plan itself looks, by which key, and what it prints. The manifest is applied to that cluster and namespace;
 * no key of the person who plans is in it.
 */
const OF_THE_PLAN = new Set([
  ...Object.keys(connectionFlags)
    .map(flagName)
    .filter((name) => !['request-timeout', 'disable-compression'].includes(name)),
  ...['profile', 'secret-id', 'secret-key', 'secret-token', 'output', 'v', 'color'],
]);

const upgrade = commands.find(({ name }) => name === 'upgrade') ?? assert.fail();
const { flags } = await loadCommand(upgrade);

/** The flags that an upgrade in the cluster may have, by the long name. */
const taken = Object.keys(flags)
  .map(flagName)
  .filter((name) => !OF_THE_PLAN.has(name));
const given = (name: string): string[] => {
  const [value = flags[camel(name)]?.bare ?? assert.fail(`give --${name} a value here`), ...more] = SAMPLES[name] ?? [];
  return [`--${name}=${value}`, ...more];
};
const camel = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const wordsOf = (intent: unknown) => (intent as { job: JobWish }).job.words;

// The steps of a Workflow are the same upgrade with a later --pause-at each.
for (const [format, steps, never] of [
  ['job', [], []],
  ['argo', ['--pause-at=1'], ['node', 'pause-at']],
] as const)
  describe(`plan -o ${format}`, () => {
    for (const name of taken)
      it(`has --${name} of upgrade among its words, or refuses it by that name and with what to do instead`, async () => {
        const { code, stderr, calls } = await run([...jobAs(format), ...given(name)]);
        if (code !== 0) {
          assert.deepEqual([code, calls.length], [2, 0], stderr);
          assert.match(stderr, new RegExp(`^error: .*--${name}\\b`, 'm'));
          assert.match(stderr, /^hint: /m);
          return;
        }
        const words = wordsOf(calls[0]?.intent);
        const [word = ''] = given(name);
        assert.ok(words.includes(word), `${word} is not among ${words.join(' ')}`);
      });

    it('refuses, of the flags of upgrade, only those that it cannot have', async () => {
      const refused: string[] = [];
      for (const name of taken) if ((await run([...jobAs(format), ...given(name)])).code !== 0) refused.push(name);
      assert.deepEqual(
        refused.sort(),
        [
          'ask-every',
          'dry-run',
          'metrics-textfile',
          'pin',
          'record',
          'restarted-at',
          'take-over',
          'yes',
          ...never,
        ].sort(),
      );
    });

    it('is an upgrade that the container can read, whichever two flags are given together', async () => {
      let accepted = 0;
      for (const [at, one] of taken.entries())
        for (const two of taken.slice(at + 1)) {
          const typed = [...new Set([...given(one), ...given(two)])];
          const { code, calls } = await run([...jobAs(format), ...typed]);
          if (code !== 0) continue;
          const words = ['upgrade', 'nginx', ...wordsOf(calls[0]?.intent), ...steps, '--yes', '--dry-run=client'];
          const again = await run(words);
          assert.equal(again.code, 0, `${typed.join(' ')}: ${again.stderr}`);
          accepted += 1;
        }
      assert.ok(accepted > 200, `only ${accepted} were accepted`);
    });
  });

describe('a Job of plan', () => {
  it('takes nothing of the cluster or the key by which it was planned', async () => {
    const where = ['--context=c', '--as=alice', '--token=t0ken', '--profile=p', '--secret-id=s3cret', '--secret-key=s'];
    const { calls } = await run([...JOB, ...where]);
    const { job } = (calls[0] ?? assert.fail()).intent as { job: JobWish };
    assert.deepEqual(job.words, []);
  });
});

describe('plan', () => {
  it('says of a flag that only upgrade takes what to do instead, whatever it prints', async () => {
    const { code, stderr } = await run(['plan', 'nginx', '--ask-every', '2', '--yes']);
    assert.equal(code, 2);
    assert.match(stderr, /^error: unknown flag: --ask-every$/m);
    assert.match(stderr, /a plan asks nothing, and a Job has no terminal to ask on/);
    assert.match(stderr, /^error: unknown flag: --yes$/m);
  });
});
