import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { withNotices } from '../../cmd/show/with-notices.ts';
import { RefusedError } from '../../lib/core/errors.ts';
import { outcome } from '../../lib/core/outcome/build-outcome.ts';
import type { Outcome } from '../../lib/core/outcome/outcome.ts';
import { upgrade } from '../../lib/flows/verbs/upgrade.ts';
import { commandNotifier } from '../../lib/notices/notifier.ts';
import { createMask } from '../../lib/output/mask-secrets.ts';
import type { World } from '../../lib/ports.ts';
import { common, rehearse, zero } from '../flows/rehearsal/rehearsal.ts';

const ROOT = join(import.meta.dirname, '../..');

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notices-'));
});
after(() => rm(folder, { recursive: true }));

const env = { ...process.env, KUBECONFIG: '/secret/kubeconfig', TENCENTCLOUD_SECRET_KEY: 'abcdefghijklmnop' };
const contextOf = (warnings: string[]) => ({
  env,
  mask: createMask([env.TENCENTCLOUD_SECRET_KEY]),
  report: { warn: (line: unknown) => warnings.push(String(line)) } as never,
});
const wish = {
  ...{ ...common, ...zero, images: {}, batch: 4, surge: 0, soakMs: 0, yes: true, takeOver: false, evict: false },
};
const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; reason: string; message: string; involvedObject: object });

/** Runs an upgrade of four pods whose steps go to a file; answers what the file holds. */
async function told(name: string, change: (world: World) => World = (world) => world, more: object = {}) {
  const file = join(folder, name);
  const { world } = rehearse({ replicas: 4, set: { replicas: 4 } });
  const warnings: string[] = [];
  const run = withNotices(contextOf(warnings), `cat >>'${file}'`, common, (inner: World) =>
    upgrade(change(inner), { ...wish, batch: 2, ...more }),
  );
  let failed: unknown;
  await run({ ...world, operator: 'ann@laptop', confirm: async () => false }).catch((error: unknown) => {
    failed = error;
  });
  return { documents: existsSync(file) ? linesOf(file) : [], warnings, failed };
}

describe('--notify-command', () => {
  it('is run at each step and at the end, with the Event as one line of JSON', async () => {
    const { documents, warnings } = await told('steps');
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      documents.map(({ reason }) => reason),
      [
        ...['ZerolossDrained', 'ZerolossRecreating', 'ZerolossRecreated', 'ZerolossRestored'],
        ...['ZerolossDrained', 'ZerolossRecreating', 'ZerolossRecreated', 'ZerolossRestored', 'ZerolossEnded'],
      ],
    );
    assert.ok(documents.every(({ kind }) => kind === 'Event'));
    assert.equal(documents.at(-1)?.message, 'every pod is updated, ready and under traffic');
    assert.deepEqual(documents.at(-1)?.involvedObject, {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      namespace: 'default',
      name: 'nginx',
    });
  });

  it('is run at a question, and at a stop, with what stopped it', async () => {
    const { documents, failed } = await told('asked', undefined, { yes: false });
    assert.ok(failed instanceof Error);
    assert.deepEqual(
      documents.map(({ reason }) => reason),
      ['ZerolossAsking', 'ZerolossStopped'],
    );
    assert.match(documents[0]?.message ?? '', /Start this upgrade\?$/);
    assert.equal(documents[1]?.message, failed.message);
  });

  it('receives nothing on a dry run', async () => {
    const file = join(folder, 'dry');
    const { world } = rehearse();
    const flow = async () =>
      outcome('drain', { set: { namespace: 'default', name: 'nginx' } }, common, { results: [] });
    await withNotices<unknown>(
      contextOf([]),
      `cat >'${file}'`,
      { ...common, dryRun: 'client' },
      flow as () => Promise<Outcome>,
    )(world);
    assert.equal(existsSync(file), false);
  });

  it('does not get the cloud key or KUBECONFIG, and secrets are masked in what it reads', async () => {
    const file = join(folder, 'env');
    const { world } = rehearse();
    const flow = async (): Promise<never> => {
      throw new RefusedError([{ rule: 'floor', message: `the key is ${env.TENCENTCLOUD_SECRET_KEY}` }]);
    };
    await assert.rejects(withNotices(contextOf([]), `{ env; cat; } >'${file}'`, common, flow)(world));
    const text = await readFile(file, 'utf8');
    assert.match(text, /^PATH=/m);
    assert.doesNotMatch(text, /KUBECONFIG|TENCENTCLOUD|abcdefghijklmnop/);
    assert.match(text, /"reason":"ZerolossStopped"/);
  });

  it('never holds the work up: one that hangs is ended with the verb, and the notices that it missed are counted', async () => {
    const warnings: string[] = [];
    const notifier = commandNotifier('sleep 60', {
      env,
      toText: JSON.stringify,
      warn: (line) => warnings.push(line),
      patienceMs: 200,
    });
    const beganMs = performance.now();
    for (let at = 0; at < 3; at++) notifier.tell({ at });
    await notifier.end();
    assert.ok(performance.now() - beganMs < 60_000, 'neither tell nor end waits for the command');
    assert.deepEqual(warnings, ['--notify-command missed 3 notices: it did not end in time']);
  });

  it('is killed after its time, and its failures are warnings alone', async () => {
    const warnings: string[] = [];
    const options = { env, toText: JSON.stringify, warn: (line: string) => warnings.push(line), timeoutMs: 200 };
    const slow = commandNotifier('sleep 60', options);
    slow.tell({});
    await slow.end();
    const wrong = commandNotifier('echo no such robot >&2; exit 7', options);
    wrong.tell({});
    await wrong.end();
    assert.deepEqual(warnings, [
      '--notify-command: did not end within 0.2s and was killed',
      '--notify-command: exit code 7: no such robot',
    ]);
  });
});

describe('the recipes of docs/notices.md', () => {
  /** The indented block that follows the heading. */
  async function recipe(page: string, heading: RegExp): Promise<string> {
    const text = await readFile(join(ROOT, 'docs', page), 'utf8');
    const section = text.split(/^## /m).find((each) => heading.test(each)) ?? '';
    return (
      /((?:^ {4}.*\n|^\n)+)/m.exec(section.slice(section.indexOf('#!/bin/sh') - 5))?.[1]?.replaceAll(/^ {4}/gm, '') ??
      ''
    );
  }

  for (const [robot, heading, variable, field] of [
    ['Slack', /^Slack/, 'SLACK_WEBHOOK', 'text'],
    ['WeCom', /^WeCom/, 'WECOM_WEBHOOK', 'text.content'],
  ] as const)
    it(`send what happens to a ${robot} robot`, async () => {
      const bodies: unknown[] = [];
      const server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => (body += chunk));
        request.on('end', () => {
          bodies.push(JSON.parse(body));
          response.end('ok');
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
      for (const page of ['notices.md', 'notices.zh-CN.md']) {
        bodies.length = 0;
        const script = join(folder, `${robot}-${page}.sh`);
        await writeFile(script, await recipe(page, heading), { mode: 0o755 });
        const warnings: string[] = [];
        const notifier = commandNotifier(script, {
          env: { PATH: process.env['PATH'], [variable]: url },
          toText: JSON.stringify,
          warn: (line) => warnings.push(line),
        });
        const message = 'weight 0 for "ordinals" 0,1\n第二行';
        notifier.tell({
          ...{ kind: 'Event', reason: 'ZerolossDrained', message, reportingInstance: 'ann@laptop' },
          involvedObject: { namespace: 'prod', name: 'nginx' },
        });
        await notifier.end();
        assert.deepEqual(warnings, []);
        assert.equal(bodies.length, 1, page);
        const said = field
          .split('.')
          .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], bodies[0]);
        assert.equal(said, `prod/nginx ZerolossDrained: ${message}`);
      }
      server.close();
    });
});
