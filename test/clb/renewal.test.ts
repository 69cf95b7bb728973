import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cvmRoleSource, MetadataUnreachable } from '../../lib/clb/credentials/cvm-role.ts';
import { createHolder } from '../../lib/clb/credentials/holder.ts';
import type { CredentialContext } from '../../lib/clb/credentials/source.ts';
import { ConnectionError } from '../../lib/core/errors.ts';
import { FakeClock } from '../fakes/clock.ts';

const HOUR = 3_600_000;

/** The machine's own role, whose credential lasts for an hour. */
async function open() {
  const clock = new FakeClock();
  const service = { silent: false, asked: 0 };
  const context: CredentialContext = {
    env: {},
    flags: {},
    homeDir: '/nonexistent',
    systemDir: '/nonexistent',
    clock,
    trace: () => undefined,
    readText: async () => undefined,
    sts: () => assert.fail('the role needs no STS'),
    metadata: async (path, signal) => {
      signal?.throwIfAborted();
      service.asked += 1;
      if (service.silent) throw new MetadataUnreachable('no instance metadata service answers here');
      if (path.endsWith('/')) return 'role';
      const [TmpSecretId, ExpiredTime] = [`AKID-${service.asked}`, (clock.now() + HOUR) / 1000];
      return JSON.stringify({ Code: 'Success', TmpSecretId, TmpSecretKey: 'k', Token: 't', ExpiredTime });
    },
  };
  const holder = createHolder([cvmRoleSource], context);
  const first = await holder.current();
  return { clock, service, holder, first };
}

test('a credential that is still valid is used where its source is silent for a moment, and asked for again', async () => {
  const { clock, service, holder, first } = await open();
  await clock.sleep(HOUR - 50_000);
  service.silent = true;
  assert.equal(await holder.current(), first);
  service.silent = false;
  const next = await holder.current();
  assert.notEqual(next.secretId, first.secretId);
  assert.equal(next.expiresAtMs, clock.now() + HOUR);
});

test('a credential that has ended is not used, however silent its source is', async () => {
  const { clock, service, holder } = await open();
  await clock.sleep(HOUR);
  service.silent = true;
  await assert.rejects(holder.current(), (error) => error instanceof ConnectionError && /are gone/.test(error.message));
});

test('an interrupt is not taken for a silent source', async () => {
  const { clock, holder } = await open();
  await clock.sleep(HOUR - 50_000);
  const reason = new Error('interrupted');
  await assert.rejects(holder.current(AbortSignal.abort(reason)), (error) => error === reason);
});
