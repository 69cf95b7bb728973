import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enterText } from '../../../sandbox/start/sandbox-up.ts';

test('with --env-file the sandbox names the command that reads the file from any folder, and else the lines to paste', () => {
  assert.equal(enterText("/tmp/my sand's.env"), `source '/tmp/my sand'\\''s.env'`);
  assert.match(enterText('sandbox.env'), /^source \/.*\/sandbox\.env$/);
  assert.equal(enterText(undefined), 'paste the export lines above');
});
