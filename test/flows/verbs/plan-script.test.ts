/** The generated script in a real bash, with a `kubectl` on PATH that only writes down what it was called with. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { shellWord } from '../../../lib/core/values/shell-word.ts';
import { planScripts } from '../rehearsal/plan-scripts.ts';

/**
 * Writes each call as one line of words that end with \x1f; ends with the code that the FAIL_AT-th call is to end with. Where the
 * script reads the template, it gets TEMPLATE, or nginx:1.25.5 once it has set that; after the LATER_AT-th call somebody has set LATER.
 */
const RECORDER = `#!/bin/sh
if [ "$1" = get ]; then
  printf '%s\\037' "$@" >"$READ"
  ! grep -q 'nginx:1.25.5' "$SET" || TEMPLATE=nginx:1.25.5
  [ "$(wc -l <"$CALLS")" -lt "$LATER_AT" ] || TEMPLATE=$LATER
  printf %s "$TEMPLATE"
  exit 0
fi
for word in "$@"; do printf '%s\\037' "$word"; done >>"$CALLS"
echo >>"$CALLS"
case "$1" in set | patch) echo "$@" >"$SET" ;; esac
[ "$(wc -l <"$CALLS")" -ne "$FAIL_AT" ] || exit "$FAIL_WITH"
`;

async function runScript(
  script: string,
  { failAt = 0, failWith = 0, template = 'nginx:1.25.4', later = '', laterAt = 1_000_000 } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloss-script-'));
  try {
    await writeFile(join(folder, 'kubectl'), RECORDER);
    await chmod(join(folder, 'kubectl'), 0o755);
    const [calls, read, set] = [join(folder, 'calls'), join(folder, 'read'), join(folder, 'set')];
    for (const file of [calls, read, set]) await writeFile(file, '');
    const { exitCode, stderr } = await execa('bash', ['-s'], {
      input: script,
      reject: false,
      env: {
        PATH: [folder, process.env['PATH']].join(delimiter),
        CALLS: calls,
        READ: read,
        SET: set,
        TEMPLATE: template,
        LATER: later,
        LATER_AT: String(laterAt),
        FAIL_AT: String(failAt),
        FAIL_WITH: String(failWith),
      },
    });
    const lines = (await readFile(calls, 'utf8')).split('\n').slice(0, -1);
    const words = (line: string): string[] => line.split('\x1f').slice(0, -1);
    return { exitCode, stderr, calls: lines.map(words), read: words(await readFile(read, 'utf8')) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the generated script in bash', () => {
  it('can be read by bash, for any plan', async () => {
    for (const { name, script } of await planScripts()) {
      const { exitCode, stderr } = await execa('bash', ['-n'], { input: script, reject: false });
      assert.deepEqual([exitCode, stderr], [0, ''], name);
    }
  });

  it('calls kubectl with exactly the words of the plan, in its order, with any text in them', async () => {
    for (const { name, script, planned, options } of await planScripts()) {
      const { flags = [], own = [] } = options;
      const loop = planned.steps.filter((step) => step.loop === true);
      const begins = planned.steps.findIndex((step) => step.loop === true);
      // Nothing is left at the second turn of the loop.
      const end = loop.length === 0 ? {} : { failAt: begins + loop.length + 1, failWith: 3 };
      const { exitCode, calls } = await runScript(script, end);
      assert.equal(exitCode, 0, name);
      const after = begins + loop.length;
      const steps =
        loop.length === 0
          ? planned.steps
          : [...planned.steps.slice(0, after), ...loop.slice(0, 1), ...planned.steps.slice(after)];
      const wanted = steps.map(({ tool, words }) => [
        ...(tool === 'zeroloss' ? ['zeroloss'] : []),
        ...words,
        '-n',
        'default',
        ...flags,
        ...(tool === 'zeroloss' ? own : []),
      ]);
      assert.deepEqual(calls, wanted, name);
    }
  });

  it('stops at the first step that fails, with its exit code', async () => {
    const [{ script } = assert.fail('there is none')] = await planScripts();
    for (const failAt of [1, 2, 5]) {
      const { exitCode, calls } = await runScript(script, { failAt, failWith: 6 });
      assert.deepEqual([exitCode, calls.length], [6, failAt]);
    }
  });

  it('goes through the loop of a window again and again, until advance says 3, and ends with any other code', async () => {
    const all = new Map((await planScripts()).map((each) => [each.name, each]));
    const { script, planned } = all.get('window') ?? assert.fail('there is none');
    const begins = planned.steps.findIndex((step) => step.loop === true);
    assert.deepEqual(
      planned.steps.slice(begins).map(({ words }) => words.slice(0, 3).join(' ')),
      [
        'advance nginx --max-unavailable',
        'wait-zero nginx --any',
        'recreate nginx --at-zero',
        'wait-zero nginx 10',
        'restore nginx --stable-for',
      ],
    );
    const turns = await runScript(script, { failAt: begins + 3 * 4 + 1, failWith: 3 });
    assert.deepEqual([turns.exitCode, turns.calls.length], [0, begins + 3 * 4 + 3]);
    for (const failAt of [1, 2, 3, 4].map((each) => begins + each)) {
      const stopped = await runScript(script, { failAt, failWith: 6 });
      assert.deepEqual([stopped.exitCode, stopped.calls.length], [6, failAt]);
    }
    assert.match(script, /at most 3 pods out of service at a time/);
  });

  it('takes 3 of the last advance alone for the end, and goes on', async () => {
    const [{ script, planned } = assert.fail('there is none')] = await planScripts();
    const last = planned.steps.findIndex(({ mayEnd }) => mayEnd === true) + 1;
    assert.equal(planned.steps[last - 1]?.words[0], 'advance');
    const ended = await runScript(script, { failAt: last, failWith: 3 });
    assert.deepEqual([ended.exitCode, ended.calls.length], [0, planned.steps.length]);
    for (const failWith of [1, 4, 6]) {
      const refused = await runScript(script, { failAt: last, failWith });
      assert.deepEqual([refused.exitCode, refused.calls.length], [failWith, last]);
    }
    const early = planned.steps.findIndex(({ words }) => words[0] === 'advance') + 1;
    assert.deepEqual((await runScript(script, { failAt: early, failWith: 3 })).exitCode, 3);
  });

  it('refuses with 4, and calls nothing more, once somebody else has set another template', async () => {
    for (const { name, script, options } of await planScripts()) {
      const refused = await runScript(script, { template: 'nginx:1.25.6' });
      assert.deepEqual([refused.exitCode, refused.calls], [4, []], name);
      const anew = ['plan', 'nginx', '-o', 'sh', '-n', 'default', ...(options.flags ?? []), ...(options.own ?? [])];
      assert.match(
        refused.stderr,
        /^error: somebody else .* statefulset\/nginx since .*; a new script, to the template as it is now: /,
      );
      assert.ok(refused.stderr.endsWith(`: kubectl zeroloss ${anew.map(shellWord).join(' ')}`), refused.stderr);
      const path = '{.spec.template.spec.containers[?(@.name=="nginx")].image}';
      const words = ['get', 'statefulset/nginx', '-o', `jsonpath=${path}`, '-n', 'default', ...(options.flags ?? [])];
      assert.deepEqual(refused.read, words);
    }
  });

  it('ends with 5 before it deletes a pod, once somebody else has set another template while it ran', async () => {
    for (const { name, script, planned } of await planScripts()) {
      const deletes = planned.steps.findIndex(({ words }) => words[0] === 'recreate');
      const stopped = await runScript(script, { later: 'nginx:1.25.6', laterAt: deletes });
      assert.deepEqual([stopped.exitCode, stopped.calls.length], [5, deletes], name);
      assert.match(stopped.stderr, /^error: somebody else has changed the template of statefulset\/nginx/);
    }
  });

  it('ends with 5 before it deletes a pod, once somebody has set the template back that it had replaced', async () => {
    for (const { name, script, planned } of await planScripts()) {
      const sets = planned.steps.findIndex(({ tool }) => tool === 'kubectl');
      const deletes = planned.steps.findIndex(({ words }, index) => index > sets && words[0] === 'recreate');
      const stopped = await runScript(script, { later: 'nginx:1.25.4', laterAt: sets + 1 });
      assert.deepEqual([stopped.exitCode, stopped.calls.length], [5, deletes], name);
    }
  });

  it('goes on where it has set the template itself', async () => {
    const [{ script, planned } = assert.fail('there is none')] = await planScripts();
    const again = await runScript(script, { template: 'nginx:1.25.5' });
    assert.deepEqual([again.exitCode, again.calls.length], [0, planned.steps.length]);
  });

  it('says in its head its minimum duration, and the rules that would refuse it now', async () => {
    const scripts = new Map((await planScripts()).map(({ name, script }) => [name, script]));
    assert.match(scripts.get('soaked') ?? '', /^# It takes 4\dm\d+s or more; 0 connections were open /m);
    assert.match(scripts.get('refused') ?? '', /^# It would be refused as things are now:\n# {3}floor: two lines; /m);
    assert.doesNotMatch(scripts.get('one-by-one') ?? '', /refused as things are/);
  });
});
