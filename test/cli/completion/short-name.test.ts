import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortName } from '../../../lib/cli/completion/short-name.ts';

test('the short name is offered in the words and for the start-up file of the user’s shell', () => {
  assert.deepEqual(shortName('linux/amd64', '/bin/bash'), { line: "alias kz='kubectl zeroloss'", file: '~/.bashrc' });
  assert.deepEqual(shortName('darwin/arm64', '/bin/zsh'), { line: "alias kz='kubectl zeroloss'", file: '~/.zshrc' });
  assert.equal(shortName('linux/amd64', '/usr/bin/fish').line, "alias kz 'kubectl zeroloss'");
  assert.equal(shortName('windows/amd64', undefined).line, 'function kz { kubectl zeroloss @args }');
});
