/** A key of the cloud account on the command line: it is used, and only the cloud sees it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { load } from 'js-yaml';
import { openWorld } from '../../cmd/surroundings/open-world.ts';
import { ConnectionError, NotYetError } from '../../lib/core/errors.ts';
import { EVENTS, SERVICES, STATEFUL_SETS } from '../../lib/ports/resources.ts';
import { applyManifest, readManifest } from '../../sandbox/start/apply-manifest.ts';
import { awaitSettled } from '../../sandbox/start/await-ready.ts';
import { SAMPLE_MANIFEST } from '../../sandbox/start/sample-manifest.ts';
import { type RunningCluster, startCluster } from '../../sandbox/start/start-cluster.ts';
import { outcomeOf, type Ran, run, runLine } from './harness.ts';

const ID = 'AKIDabcdefghijklmnop0123456789';
const KEY = 'k3yOfNobodyElseAtAll0123456789';
const TOKEN = 't0kenOfTheMoment0123456789';

for (const [line, missing] of [
  [`--secret-id ${ID}`, '--secret-key is missing'],
  [`--secret-key ${KEY}`, '--secret-id is missing'],
  [`--secret-token ${TOKEN}`, '--secret-id and --secret-key are missing'],
  [`--secret-key=${KEY} --secret-token ${TOKEN}`, '--secret-id is missing'],
] as const)
  test(`half a key is refused before anything is asked: ${missing}`, async () => {
    for (const verb of ['drain nginx 0', 'status nginx', 'check nginx']) {
      const ran = await runLine(`${verb} ${line}`);
      assert.deepEqual([ran.code, ran.worlds.length, ran.calls.length], [2, 0, 0]);
      assert.ok(ran.stderr.startsWith(`error: ${missing}: `), ran.stderr);
      assert.doesNotMatch(ran.stderr, new RegExp(`${ID}|${KEY}|${TOKEN}`));
    }
  });

test('a whole key is handed to the cloud, before or after the verb', async () => {
  const flags = `--secret-id ${ID} --secret-key=${KEY} --secret-token ${TOKEN}`;
  for (const line of [`drain nginx 0 ${flags}`, `${flags} drain nginx 0`]) {
    const { worlds, code } = await runLine(line);
    assert.equal(code, 0);
    assert.deepEqual(worlds[0]?.cloud, { secretId: ID, secretKey: KEY, token: TOKEN });
  }
});

test('a key is masked in traces, progress, errors and data, and not repeated in commands to type next', async () => {
  const key = ['--secret-id', ID, '--secret-key', KEY, `--secret-token=${TOKEN}`];
  const all = `${ID} ${KEY} ${TOKEN}`;
  for (const format of [[], ['-o', 'json'], ['-o', 'yaml']]) {
    const good = await run(['drain', 'nginx', '0', ...key, ...format, '-v', '9'], {
      flow: (world) => {
        world.report.trace(8, `signed with ${all}`);
        world.report.progress(`waiting for ${all}`);
        world.report.warn(`beware of ${all}`);
        return outcomeOf({ message: `done with ${all}` });
      },
    });
    const bad = await run(['drain', 'nginx', '0', ...key, ...format, '-v', '9'], {
      flow: () => {
        throw new ConnectionError(`refused: ${all}`, { hint: `not with ${all}`, cause: new Error(all) });
      },
    });
    const unclear = await run(['drain', 'nginx', '0', ...key, ...format, '--no-such-flag', KEY]);
    for (const { stdout, stderr } of [good, bad, unclear]) hides(`${stdout}${stderr}`);
    assert.match(`${bad.stdout}${bad.stderr}`, /<masked>/);
    assert.equal(unclear.code, 2);
  }
});

for (const format of ['json', 'yaml'] as const) {
  it(`masks each value of -o ${format} by itself: the data stays data, of an outcome and of a failure`, async () => {
    const line = `{"kind":"Secret","password":"hunter22222"} with "${KEY}\\" and \\"token\\":\\"abcdefgh\\"`;
    const shown = '{"kind":"Secret","password":"<masked>"} with "<masked>\\" and \\"token\\":\\"<masked>\\"';
    const argv = ['drain', 'nginx', '0', '-o', format, '--secret-id', ID, '--secret-key', KEY];
    const good = await run(argv, { flow: () => outcomeOf({ details: { line, apiToken: 'abc' } }) });
    const bad = await run(argv, {
      flow: () => {
        throw new NotYetError(line, undefined, { line, apiToken: 'abc' });
      },
    });
    for (const { stdout } of [good, bad]) {
      const data = (format === 'json' ? JSON.parse(stdout) : load(stdout)) as { details: unknown; error?: string };
      assert.deepEqual(data.details, { line: shown, apiToken: '<masked>' });
      if (data.error !== undefined) assert.equal(data.error, shown);
    }
  });
}

const hides = (text: string): void => assert.doesNotMatch(text, new RegExp(`${ID}|${KEY}|${TOKEN}`));

describe('a key on the command line, against the sandbox', { concurrency: false }, () => {
  let cluster: RunningCluster;
  let folder: string;
  const secret = () => {
    const { TENCENTCLOUD_SECRET_ID: id = '', TENCENTCLOUD_SECRET_KEY: key = '' } = cluster.environment;
    return { id, key };
  };
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zeroloss-secrets-'));
    cluster = await startCluster();
    const sample = SAMPLE_MANIFEST.replace('replicas: 10', 'replicas: 4');
    await applyManifest(cluster.kube, await readManifest(sample, 'the sample'));
    await awaitSettled(cluster, new AbortController().signal);
  });
  after(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  });

  const type = (words: string[], key: readonly string[]): Promise<Ran> => {
    const { TENCENTCLOUD_SECRET_ID: _id, TENCENTCLOUD_SECRET_KEY: _key, ...env } = cluster.environment;
    return run([...words, ...key], { env: { HOME: folder, ...env }, real: true, openWorld });
  };

  it('works without any in the environment, and shows in no output, record, event or annotation', async () => {
    const { id, key } = secret();
    assert.ok(id.length > 6 && key.length > 6);
    const record = join(folder, 'record.jsonl');
    const given = ['--secret-id', id, '--secret-key', key, '-v', '9', '--record', record];
    await cluster.kube.patch(
      STATEFUL_SETS,
      'nginx',
      { spec: { template: { metadata: { annotations: { turned: 'yes' } } } } },
      { type: 'merge' },
    );
    const told: string[] = [];
    for (const line of ['drain nginx 0', 'status nginx -o json', 'plan nginx -o sh', 'recreate nginx --force']) {
      const ran = await type(line.split(' '), line.startsWith('plan') ? given.slice(0, 6) : given);
      assert.equal(ran.code, 0, `${line}: ${ran.stderr}`);
      told.push(ran.stdout, ran.stderr);
    }
    told.push(readFileSync(record, 'utf8'));
    for (const resource of [EVENTS, SERVICES, STATEFUL_SETS])
      told.push(JSON.stringify((await cluster.kube.list(resource, { namespace: '*' })).items));
    for (const text of told) {
      assert.ok(!text.includes(key), `the key shows: ${text.slice(0, 200)}`);
      assert.ok(!text.includes(id), `the id shows: ${text.slice(0, 200)}`);
    }
    assert.match(told.join(''), /ZerolossRecreating/);
  });
  it('that is wrong is refused by the cloud in words that do not show it', async () => {
    const ran = await type(['drain', 'nginx', '1'], ['--secret-id', ID, '--secret-key', KEY, '-v', '9']);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /AuthFailure/);
    assert.match(
      ran.stderr,
      /hint: credentials used: flags .AKID\*\*\*\*6789.; run the command again with a valid --secret-id/,
    );
    hides(ran.stderr);
  });
});
