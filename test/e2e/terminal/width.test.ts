/** Lines on a terminal of 80 and of 120 columns: none is wider, but for a command that is there to be copied. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { textWidth } from '../../../lib/output/text-width.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST, NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';
import { onTerminal } from '../stage/terminal.ts';
import { holdConnection } from '../stage/trouble/hold.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

const upgrade = ['upgrade', 'nginx', '--image', `nginx=${NEW_IMAGE}`, ...FAST];
/** A command stands alone on its line, behind its label, or with its comment. */
const COMMAND = /^\s*(?:[\w ]+: )?kubectl( zeroloss)? -?\w/;

/** Words, and how they end. Those of one terminal leave the stage as it was for the next. */
const SCREENS: readonly [words: readonly string[], code: number, keys?: readonly string[]][] = [
  [['status', 'nginx'], 0],
  [['drain', '--help'], 0],
  [['--help'], 0],
  [['check', 'nginx'], 0],
  [['plan', 'nginx', '--image', `nginx=${NEW_IMAGE}`, '--batch', '2', '--surge', '1'], 0],
  [['history', 'nginx'], 0],
  [['upgrade', 'nginx', '--imag', 'x', '--batch', 'x', '--min-serving', '150%', '--timeout', '5'], 2],
  [['drain', 'nginx', '0-3'], 4],
  [['recreate', 'nginx', '1', '--source', 'pod'], 4],
  [upgrade, 6, ['n\n']],
  [['wait-zero', 'nginx', '0', '--source', 'pod', '--timeout', '2s'], 6],
  [['restore', 'web'], 1],
];

const tooWide = (text: string, columns: number): string[] =>
  text.split('\n').filter((line) => textWidth(line) > columns && !COMMAND.test(line));

async function assertFits(stage: Stage, columns: number): Promise<void> {
  for (const [words, expected, keys = []] of SCREENS) {
    const { code, text } = await onTerminal(stage, words, keys, columns);
    const said = `${words.join(' ')} => ${code}\n${text}`;
    assert.equal(code, expected, said);
    assert.deepEqual(tooWide(text, columns), [], said);
    for (const line of text.split('\n')) assert.doesNotMatch(line, / $/, `${JSON.stringify(line)} of ${said}`);
  }
}

describe('a terminal', { concurrency: true }, () => {
  for (const columns of [80, 120])
    test(`of ${columns} columns gets no line of a table or of prose that is wider`, async (t) => {
      const stage = await openStage(t, cluster, { replicas: 4 });
      await holdConnection(t, stage, 'nginx-0');
      await stage.ok('drain', 'nginx', '0');
      await assertFits(stage, columns);
    });

  test('gets the commands of a refusal and of a hint whole, through a pipe every line as it is', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 4 });
    await holdConnection(t, stage, 'nginx-0');
    await stage.ok('drain', 'nginx', '0');
    await stage.setImage();
    const words = ['recreate', 'nginx', '0', '--source', 'pod', '--stable-for', '3s'];
    const [narrow, piped] = [await onTerminal(stage, words, [], 60), await stage.run(words)];
    const said = `${narrow.text}\n${piped.stderr}`;
    assert.ok(
      piped.stderr.split('\n').some((line) => line.length > 100),
      said,
    );
    const commands = piped.stderr.match(/kubectl zeroloss .*$/gm) ?? [];
    assert.ok(commands.length > 0, said);
    for (const command of commands) {
      const [bare = ''] = command.split('   #');
      assert.ok(
        narrow.text.split('\n').some((line) => line.trim() === bare || line.includes(`: ${bare}`)),
        said,
      );
    }
    // Readings differ from run to run; the refusal of the floor does not.
    const drain = ['drain', 'nginx', '0-3'];
    const [folded, whole] = [await onTerminal(stage, drain, [], 60), await stage.run(drain)];
    const wordsOf = (text: string): string[] => text.trim().split(/\s+/);
    assert.deepEqual(
      wordsOf(folded.text).filter((word) => word !== '#'),
      wordsOf(whole.stderr).filter((word) => word !== '#'),
    );
    assert.notEqual(folded.text, whole.stderr);
  });
});
