import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NotYetError } from '../../../lib/core/errors.ts';
import type { World } from '../../../lib/ports.ts';
import { run } from '../harness.ts';

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
            kube: { namespace: 'default' },
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
