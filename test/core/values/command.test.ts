import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { advice, kubectl, lines, own } from '../../../lib/core/values/command.ts';

test('advice as a text, and in JSON, shows its commands without flags, each word quoted where a shell needs it', () => {
  const said = lines('by hand', advice`to go back: ${own('rollback', 'nginx').note('the former image')}`);
  assert.equal(String(said), 'by hand\nto go back: kubectl zeroloss rollback nginx   # the former image');
  assert.equal(JSON.stringify({ cure: kubectl('edit', "it's") }), JSON.stringify({ cure: "kubectl edit 'it'\\''s'" }));
});

test("a comment is the command's own: the command without it is unchanged", () => {
  const bare = kubectl('get', 'pods');
  assert.equal(String(bare.note('all of them')), 'kubectl get pods   # all of them');
  assert.equal(String(bare), 'kubectl get pods');
});

/** Where a text that begins with a program is no command to type: a name, an action of plan, a sentence. */
const NO_ADVICE = [
  /values\/command\.ts$/,
  /plan\/script\.ts$/,
  /verbs\/plan\.ts$/,
  /check-platform\.ts$/,
  /completion-command\.ts$/,
];

test('no cure, hint or message holds a command as a text: it would not reach the cluster that this one reached', async () => {
  const { globSync } = await import('node:fs');
  const found: string[] = [];
  for (const file of globSync('{lib/{core,flows,sources,kube,clb,gates,net},cmd}/**/*.ts')) {
    if (NO_ADVICE.some((pattern) => pattern.test(file))) continue;
    const text = (await readFile(file, 'utf8')).replaceAll(/\/\*[\s\S]*?\*\//g, '');
    for (const [line] of text.matchAll(/^.*(?:['"`]|: |; |\\n)kubectl (?:zeroloss )?[a-z-]+ .*$/gm))
      if (!/^\s*(\/\/|\*)/.test(line)) found.push(`${file}: ${line.trim()}`);
  }
  assert.deepEqual(found, []);
});
