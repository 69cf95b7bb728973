/** Every flag of upgrade is in the Job that plan prints, or is refused by its name: none is dropped in silence. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commands } from '../../../cmd/commands.ts';
import { flagName } from '../../../lib/cli/arguments.ts';
import { connectionFlags } from '../../../lib/cli/connection-flags.ts';
import { loadCommand } from '../../../lib/cli/define-command.ts';
import type { JobWish } from '../../../lib/core/job/job-manifest.ts';
import { run } from '../harness.ts';

const JOB = ['plan', 'nginx', '-o', 'job', '--job-image', 'zeroloss:v1', '--job-secret', 'key'];

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

describe('a Job of plan', () => {
  for (const [key, flag] of Object.entries(flags)) {
    const name = flagName(key);
    if (OF_THE_PLAN.has(name)) continue;
    it(`has --${name} of upgrade among its words, or is refused with that name and with what to do instead`, async () => {
      const [value, ...more] = SAMPLES[name] ?? [flag.bare ?? assert.fail(`give --${name} a value here`)];
      const { code, stderr, calls } = await run([...JOB, `--${name}=${value}`, ...more]);
      if (code === 0) {
        const { job } = (calls[0] ?? assert.fail()).intent as { job: JobWish };
        assert.ok(job.words.includes(`--${name}=${value}`), `${name} is in no word of ${job.words.join(' ')}`);
        // The container reads what plan has written.
        const again = await run(['upgrade', 'nginx', ...job.words, '--yes', '--dry-run=client']);
        assert.equal(again.code, 0, again.stderr);
      } else {
        assert.deepEqual([code, calls.length], [2, 0], stderr);
        assert.match(stderr, new RegExp(`^error: .*--${name}\\b`, 'm'));
        assert.match(stderr, /^hint: /m);
      }
    });
  }

  it('refuses, of the flags of upgrade, only those that no Job can have', async () => {
    const refused: string[] = [];
    for (const key of Object.keys(flags)) {
      const name = flagName(key);
      if (OF_THE_PLAN.has(name)) continue;
      const [value, ...more] = SAMPLES[name] ?? ['true'];
      if ((await run([...JOB, `--${name}=${value}`, ...more])).code !== 0) refused.push(name);
    }
    assert.deepEqual(refused.sort(), [
      ...['ask-every', 'dry-run', 'metrics-textfile', 'pin', 'record', 'take-over', 'yes'],
    ]);
  });

  it('is one that upgrade takes, whichever two of its flags are given together', async () => {
    const taken = Object.keys(flags)
      .map(flagName)
      .filter((name) => !OF_THE_PLAN.has(name));
    const given = (name: string) => {
      const [value = 'true', ...more] = SAMPLES[name] ?? [];
      return [`--${name}=${value}`, ...more];
    };
    let accepted = 0;
    for (const [at, one] of taken.entries())
      for (const two of taken.slice(at + 1)) {
        const words = [...new Set([...given(one), ...given(two)])];
        const { code, calls } = await run([...JOB, ...words]);
        if (code !== 0) continue;
        const { job } = (calls[0] ?? assert.fail()).intent as { job: JobWish };
        const again = await run(['upgrade', 'nginx', ...job.words, '--yes', '--dry-run=client']);
        assert.equal(again.code, 0, `${words.join(' ')}: ${again.stderr}`);
        accepted += 1;
      }
    assert.ok(accepted > 200, `only ${accepted} were accepted`);
  });

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
