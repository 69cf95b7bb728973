/** Completion as a user meets it: through the real kubectl, and through a real bash. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as elapse } from 'node:timers/promises';
import { type CompletionStage, startCompletionStage } from '../../completion-stage.ts';
import { findKubectl } from '../../kubectl.ts';
import { runLine } from '../harness.ts';

const kubectl = findKubectl();
const needsKubectl = kubectl === undefined ? { skip: 'kubectl not found: set $KUBECTL' } : {};

let stage: CompletionStage;
let folder = '';
let bin = '';

before(async () => {
  stage = await startCompletionStage(kubectl);
  ({ folder, bin } = stage);
});

after(() => stage.stop());

const start: CompletionStage['start'] = (...words) => stage.start(...words);

/** The line as kubectl's own completion answers it: candidates without descriptions, and its directive. All of it offers something. */
async function completed(...words: string[]): Promise<string[]> {
  // Nothing is offered after a second, which a busy machine needs for less: Tab is pressed again.
  for (let tries = 0; ; tries += 1) {
    const { stdout, exitCode } = await start(kubectl ?? '', ['__complete', 'zeroloss', ...words]);
    assert.equal(exitCode, 0);
    const offered = stdout.split('\n').map((line) => line.split('\t', 1).join());
    if (offered.length > 1 || tries >= 10) return offered;
  }
}

describe('completion through kubectl', needsKubectl, () => {
  before(async () => {
    const { exitCode, stdout } = await start(join(bin, 'kubectl-zeroloss'), ['completion', 'install']);
    assert.deepEqual([exitCode, stdout], [0, `${join(bin, 'kubectl_complete-zeroloss')} installed`]);
  });

  test('offers verbs', async () => assert.deepEqual(await completed('wai'), ['wait-zero', ':4']));
  test('offers StatefulSets', async () => assert.deepEqual(await completed('drain', ''), ['gateway', 'queue', ':4']));
  test('offers ordinals that are not on the line yet', async () =>
    assert.deepEqual(await completed('drain', 'gateway', '0,'), ['0,1', '0,2', ':4']));
  test('offers the ports of the StatefulSet on the line', async () => {
    assert.deepEqual(await completed('recreate', 'gateway', '--ignore-port', ''), ['amqp', '9090', ':4']);
    assert.deepEqual(await completed('recreate', 'sts', 'gateway', '0', '--ignore-port', 'amqp,'), ['amqp,9090', ':4']);
  });
  test('offers namespaces', async () => assert.ok((await completed('drain', '-n', '')).includes('shop')));
  test('offers contexts', async () =>
    assert.deepEqual(await completed('drain', '--context', ''), ['zeroloss-sandbox', ':4']));

  test('offers nothing and stays silent when the server does not answer', async () => {
    const { stdout, stderr, exitCode } = await start(join(bin, 'kubectl_complete-zeroloss'), [
      'drain',
      '--server=https://127.0.0.1:1',
      '',
    ]);
    assert.deepEqual([stdout, stderr, exitCode], [':4', '', 0]);
  });

  test('ends the credential plugin that it started when there is no more time, and lets it ask no question', async () => {
    const pidFile = join(folder, 'pid');
    const script = `require('fs').writeFileSync('${pidFile}', process.pid + ' ' + process.env.KUBERNETES_EXEC_INFO); setTimeout(() => {}, 60000)`;
    const exec = {
      ...{ apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'IfAvailable' },
      ...{ command: process.execPath, args: ['-e', script] },
    };
    const config = {
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'c', user: { exec } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'c' } }],
    };
    await writeFile(join(folder, 'slow'), JSON.stringify(config));
    const pressTab = async (): Promise<string> => {
      const { stdout, exitCode } = await start(join(bin, 'kubectl_complete-zeroloss'), ['drain', ''], {
        KUBECONFIG: join(folder, 'slow'),
      });
      assert.deepEqual([stdout, exitCode], [':4', 0]);
      return await readFile(pidFile, 'utf8').catch(() => '');
    };
    // On a busy machine the time is over before the plugin has begun to run.
    let written = await pressTab();
    for (let tries = 0; written === '' && tries < 10; tries += 1) written = await pressTab();
    const [pid, info = ''] = written.split(' ', 2);
    assert.match(info, /"interactive":false/);
    // Asked to end before the answer came; another process needs a moment for it.
    for (let tries = 0; tries < 500 && isRunning(Number(pid)); tries += 1) await elapse(10);
    assert.equal(isRunning(Number(pid)), false);
  });

  test('ends with 0 even when the plugin cannot run, or kubectl would offer file names', async () => {
    const { exitCode, stderr } = await start('/bin/sh', [join(bin, 'kubectl_complete-zeroloss'), ''], {
      KUBECONFIG: '/nonexistent',
      PATH: '/usr/bin:/bin',
    });
    assert.deepEqual([exitCode, stderr], [0, '']);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The functions of the bash-completion package, for machines without it, and those that only a bash with a terminal has. */
const BASH_COMPLETION = `
_get_comp_words_by_ref() { cur=\${COMP_WORDS[COMP_CWORD]}; prev=\${COMP_WORDS[COMP_CWORD-1]}; words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; }
__ltrim_colon_completions() { :; }
compopt() { :; }
`;

for (const [line, expected] of [
  ['kubectl zeroloss drain g', 'gateway'],
  ['kubectl zeroloss drain gateway --dry-run=s', 'server'],
  ['kubectl zeroloss -o json dr', 'drain'],
] as const) {
  test(`bash completes "${line}" with the script of "completion bash"`, needsKubectl, async () => {
    const script = `${BASH_COMPLETION}
source <(kubectl-zeroloss completion bash)
COMP_WORDS=(${line}) COMP_CWORD=${line.split(' ').length - 1} COMP_LINE='${line}' COMP_POINT=${line.length} COMP_TYPE=9
__start_kubectl
printf '%s\\n' "\${COMPREPLY[@]}"
`;
    let { stdout, stderr } = await start('bash', ['--norc', '-c', script]);
    // Nothing is offered after a second, which a busy machine needs for less.
    for (let tries = 0; stdout.trim() === '' && tries < 10; tries += 1)
      ({ stdout, stderr } = await start('bash', ['--norc', '-c', script]));
    assert.deepEqual([stdout.trim(), stderr], [expected, '']);
  });
}

describe('completion install', () => {
  const shim = () => join(bin, 'kubectl_complete-zeroloss');
  const install = (line = '') => runLine(`completion install${line}`, { env: { PATH: bin } });

  test('a second time changes nothing', async () => {
    await install();
    const { code, stdout } = await install();
    assert.deepEqual([code, stdout], [0, `${join(bin, 'kubectl_complete-zeroloss')} already installed\n`]);
  });

  test('puts the file of another version right, also when it cannot be executed', async () => {
    await install();
    const now = await readFile(shim(), 'utf8');
    await writeFile(shim(), now.replace('2>/dev/null', '2>/tmp/log'));
    assert.equal((await install()).stdout, `${shim()} installed\n`);
    assert.equal(await readFile(shim(), 'utf8'), now);
    await chmod(shim(), 0o644);
    assert.equal((await install()).stdout, `${shim()} installed\n`);
    assert.equal((await stat(shim())).mode & 0o777, 0o755);
    assert.equal((await install()).stdout, `${shim()} already installed\n`);
  });

  test('leaves the launcher alone that npm puts there as a link, and what it points to', async () => {
    const launcher =
      "#!/usr/bin/env node\nprocess.argv.splice(2, 0, '__complete');\nrequire('./kubectl-zeroloss.cjs');\n";
    const target = join(folder, 'kubectl_complete-zeroloss.cjs');
    await rm(shim(), { force: true });
    await writeFile(target, launcher, { mode: 0o755 });
    await symlink(target, shim());
    assert.equal((await install()).stdout, `${shim()} already installed\n`);
    assert.equal(await readFile(target, 'utf8'), launcher);
    await rm(shim());
  });

  for (const [what, content] of [
    ["a stranger's file", '#!/bin/sh\necho mine\n'],
    ["a stranger's file that mentions the plugin", '#!/bin/sh\nexec kubectl-zeroloss __complete "$@" | grep prod\n'],
  ] as const) {
    test(`leaves ${what} alone`, async () => {
      await rm(shim(), { force: true });
      await writeFile(shim(), content);
      const { code, stdout, stderr } = await install();
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /is there already and is not of this plugin/);
      assert.equal(await readFile(shim(), 'utf8'), content);
      await rm(shim());
    });
  }

  test('writes neither through a link that leads nowhere nor over a folder', async () => {
    await rm(shim(), { force: true });
    const nowhere = join(folder, 'nowhere');
    await symlink(nowhere, shim());
    const linked = await install();
    assert.equal(linked.code, 2);
    assert.match(linked.stderr, /is there already and cannot be read/);
    await assert.rejects(stat(nowhere), /ENOENT/);
    await rm(shim());
    await mkdir(shim());
    assert.equal((await install()).code, 2);
    await rm(shim(), { recursive: true });
  });

  test('refuses a folder where kubectl would not find it', async () => {
    const { code, stderr } = await install(` --to ${folder}`);
    assert.equal(code, 2);
    assert.match(stderr, /is not on PATH/);
  });

  test('refuses an action that there is not', async () => {
    const { code, stderr } = await runLine('completion ksh');
    assert.equal(code, 2);
    assert.match(stderr, /install, bash, zsh, fish, powershell/);
  });
});
