/** Completion in a real zsh and a real fish, with the scripts that "kubectl zeroloss completion" prints. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type CompletionStage, startCompletionStage } from '../completion-stage.ts';
import { findKubectl } from '../kubectl.ts';
import { zshDriver } from './zsh.ts';

let stage: CompletionStage;

before(async () => {
  const kubectl = findKubectl();
  assert.ok(kubectl, 'kubectl not found: set $KUBECTL');
  stage = await startCompletionStage(kubectl);
  const { exitCode, stderr } = await stage.start(join(stage.bin, 'kubectl-zeroloss'), ['completion', 'install']);
  assert.equal(exitCode, 0, stderr);
});

after(() => stage.stop());

describe('zsh', () => {
  /** The lines once completed, after `setUp` has run as a start-up file would. */
  async function completed(setUp: string, ...lines: string[]): Promise<string[]> {
    const driver = join(stage.folder, 'drive.zsh');
    await writeFile(driver, zshDriver(setUp));
    const { stdout, stderr, exitCode } = await stage.start('zsh', ['-f', driver, ...lines], { TERM: 'xterm' });
    assert.equal(exitCode, 0, stderr);
    assert.doesNotMatch(stderr, /command not found|no such|error/i);
    return stdout.split('\n').map((line) => line.trimEnd());
  }
  const LOAD = 'source <(kubectl zeroloss completion zsh)';

  test('completes verbs, flags, StatefulSets and ordinals, with nothing else in the start-up file', async () => {
    const lines = await completed(
      LOAD,
      'kubectl zeroloss wai\t',
      'kubectl zeroloss version --clie\t',
      'kubectl zeroloss drain \t',
      'kubectl zeroloss drain \t\t',
      'kubectl zeroloss drain -n sho\t',
      'kubectl zeroloss drain --dry-run=s\t',
      'kubectl zeroloss -o json drai\t',
      'kubectl zeroloss status gateway \t',
    );
    assert.deepEqual(lines, [
      'kubectl zeroloss wait-zero',
      'kubectl zeroloss version --client',
      'kubectl zeroloss drain gateway',
      'kubectl zeroloss drain queue',
      'kubectl zeroloss drain -n shop',
      'kubectl zeroloss drain --dry-run=server',
      'kubectl zeroloss -o json drain',
      'kubectl zeroloss status gateway queue',
    ]);
    // zsh puts candidates with the same description together, and the last of them first.
    const ordinals = await completed(LOAD, ...['\t', '\t\t'].map((tabs) => `kubectl zeroloss drain gateway 0,${tabs}`));
    assert.deepEqual(ordinals.sort(), ['kubectl zeroloss drain gateway 0,1', 'kubectl zeroloss drain gateway 0,2']);
  });

  test('completes as well where the completion of kubectl is loaded already, and twice over', async () => {
    const loaded = 'autoload -Uz compinit; compinit -i; source <(kubectl completion zsh)';
    assert.deepEqual(await completed(`${loaded}; ${LOAD}; ${LOAD}`, 'kubectl zeroloss drain qu\t'), [
      'kubectl zeroloss drain queue',
    ]);
  });

  test('offers no file names where there is nothing to offer', async () => {
    const lines = await completed(`cd /; ${LOAD}`, 'kubectl zeroloss drain nosuch et\t');
    assert.deepEqual(lines, ['kubectl zeroloss drain nosuch et']);
  });
});

describe('fish', () => {
  async function offered(line: string, load = 'kubectl zeroloss completion fish | source'): Promise<string[]> {
    const script = `${load}\ncd /\ncomplete -C "${line}"`;
    const { stdout, stderr, exitCode } = await stage.start('fish', ['--no-config', '-c', script]);
    assert.deepEqual([stderr, exitCode], ['', 0]);
    return stdout.split('\n').map((each) => each.split('\t', 1).join());
  }

  test('offers verbs, flags, StatefulSets and ordinals', async () => {
    assert.deepEqual(await offered('kubectl zeroloss wai'), ['wait-zero']);
    assert.deepEqual(await offered('kubectl zeroloss version --clie'), [
      '--client',
      '--client-certificate',
      '--client-key',
    ]);
    assert.deepEqual(await offered('kubectl zeroloss drain '), ['gateway', 'queue']);
    assert.deepEqual(await offered('kubectl zeroloss drain gateway 0,'), ['0,1', '0,2']);
    assert.deepEqual(await offered('kubectl zeroloss drain -n sho'), ['shop']);
    assert.deepEqual(await offered('kubectl zeroloss drain --dry-run=s'), ['--dry-run=server']);
    assert.deepEqual(await offered('kubectl zeroloss -o json drai'), ['drain']);
    assert.deepEqual(await offered('kubectl zeroloss status gateway '), ['queue']);
  });

  test('offers the same where the completion of kubectl is loaded already', async () => {
    const load = 'kubectl completion fish | source; kubectl zeroloss completion fish | source';
    assert.deepEqual(await offered('kubectl zeroloss drain q', load), ['queue']);
  });

  test('offers no file names where there is nothing to offer', async () =>
    assert.deepEqual(await offered('kubectl zeroloss drain nosuch et'), ['']));
});
