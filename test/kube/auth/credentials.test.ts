import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { tokenFileCredentials } from '../../../lib/kube/auth/credentials.ts';
import { temporaryFolder } from '../fixtures/connected.ts';

test('a token file is read again for the token that was refused, and not for an older one', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'token');
  await writeFile(file, 'old');
  const credentials = tokenFileCredentials(file, undefined, () => 0);
  const old = await credentials.current();
  await writeFile(file, 'new');
  assert.equal(credentials.renew(old), true);
  const renewed = await credentials.current();
  assert.deepEqual(renewed, { authorization: 'Bearer new' });
  await writeFile(file, 'newest');
  assert.equal(credentials.renew(old), true, 'asking again helps: there is a newer one');
  assert.deepEqual(await credentials.current(), renewed);
});
