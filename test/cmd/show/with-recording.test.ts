import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { OpenWorld, WorldOptions } from '../../../cmd/context.ts';
import { NotYetError } from '../../../lib/core/errors.ts';
import type { World } from '../../../lib/ports.ts';
import { kubeWith, outcomeOf, run } from '../harness.ts';

test('a record says of a verb that failed whether it had written before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-record-'));
  try {
    for (const wrote of [true, false]) {
      const file = join(folder, `${wrote}.jsonl`);
      const { code } = await run(['advance', 'nginx', '--record', file], {
        flow: () => {
          throw new NotYetError('not yet');
        },
        openWorld: async ({ report, signal }) => ({
          world: {
            kube: kubeWith({}, 'default'),
            balancer: {},
            sources: [],
            clock: { now: () => 0 },
            report,
            signal,
          } as unknown as World,
          wrote: () => wrote,
          close: async () => {},
        }),
      });
      assert.equal(code, 6);
      const last = (await readFile(file, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
      const { kind, exitCode, changed } = JSON.parse(last) as Record<string, unknown>;
      assert.deepEqual({ kind, exitCode, changed }, { kind: 'outcome', exitCode: 6, changed: wrote });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('--record - writes the recording to stdout, line by line and in place of the result, and not beside -o', async () => {
  const openWorld = async ({ report, signal }: WorldOptions): Promise<OpenWorld> => ({
    world: {
      ...{ kube: kubeWith({}, 'default'), balancer: {}, sources: [], clock: { now: () => 0 }, report, signal },
    } as unknown as World,
    close: async () => {},
  });
  const { code, stdout } = await run(['drain', 'nginx', '0', '--record', '-'], {
    flow: (world) => {
      world.report.progress('half of it');
      return outcomeOf();
    },
    openWorld,
  });
  assert.equal(code, 0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ['begin', 'progress', 'outcome'],
  );
  assert.equal(lines[2]?.['exitCode'], 0);
  const both = await run(['drain', 'nginx', '0', '--record', '-', '-o', 'json'], { openWorld });
  assert.equal(both.code, 2);
  assert.match(both.stderr, /--record - and -o both write to stdout/);
});
