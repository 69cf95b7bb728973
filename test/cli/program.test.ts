import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programName } from '../../lib/cli/program.ts';

test('a plugin of kubectl shows itself as kubectl calls it', () => {
  const calls: [string[], string][] = [
    [['/opt/krew/bin/kubectl-zeroloss'], 'kubectl zeroloss'],
    [['C:\\bin\\kubectl-zeroloss.exe'], 'kubectl zeroloss'],
    [['node', '/opt/dist/app/kubectl-zeroloss.mjs'], 'kubectl zeroloss'],
    [['/usr/bin/node', '/src/cmd/kubectl-zeroloss.ts'], 'kubectl zeroloss'],
    [['./kubectl-zero_loss'], 'kubectl zero-loss'],
  ];
  for (const [paths, name] of calls) assert.equal(programName(paths), name);
});

test('under any other name it shows that name', () => {
  assert.equal(programName(['/usr/local/bin/zl']), 'zl');
  assert.equal(programName(['node', '/x/zl.cjs']), 'zl');
  assert.equal(programName(['node', undefined]), 'kubectl zeroloss');
});
