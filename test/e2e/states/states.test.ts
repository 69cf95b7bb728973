/** Goes through the table of docs/dev/states.md: what each stopped verb says is compared with what is really in the cluster. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import type { Ran } from '../stage/plugin.ts';
import type { Stage } from '../stage/stage.ts';
import { openWriteGate, type WriteGate } from '../stage/trouble/write-gate.ts';
import { tryHints, typedKinds } from './hints.ts';
import { assertTrue } from './laws.ts';
import type { Row } from './row.ts';
import { setScene } from './scenes.ts';
import { changesBetween, type Snapshot, snapshot } from './snapshot.ts';
import { killBehind, runStopped, type, wordsOf } from './stop-run.ts';
import { TABLE } from './table.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

type Test = { after(done: () => void | Promise<void>): void };

async function openGate(t: Test): Promise<WriteGate> {
  const gate = await openWriteGate(cluster.kubeconfig);
  t.after(() => gate.close());
  return gate;
}

const changed = (before: Snapshot, after: Snapshot) =>
  changesBetween(before, after)
    .filter((kind) => kind !== 'records')
    .sort();

const shown = (row: Row, ran: Ran): string => `${wordsOf(row).join(' ')} => ${ran.code}\n${ran.stdout}${ran.stderr}`;

/** The same command, not stopped. */
async function again(stage: Stage, row: Row): Promise<Ran> {
  const ran = await type(stage, [...wordsOf(row), '-o', 'json']).ended;
  assert.equal(ran.code, row.again.code, `typed again: ${shown(row, ran)}`);
  assert.ok(`${ran.stdout}${ran.stderr}`.includes(row.again.says), `typed again: ${shown(row, ran)}`);
  await tryHints(stage, ran.stderr, undefined);
  return ran;
}

async function goThrough(t: Test, row: Row): Promise<void> {
  if (row.stop?.by === 'kill') return kill(t, row);
  const stage = await setScene(t, cluster, row.scene);
  const gate = await openGate(t);
  const was = await snapshot(stage);
  if (row.stop?.by === 'sleep') {
    cluster.serviceController.pause();
    t.after(() => cluster.serviceController.resume());
  }
  const ran = await runStopped(stage, gate, row);
  const now = await snapshot(stage);
  assert.equal(ran.code, row.code, shown(row, ran));
  for (const part of row.says)
    assert.ok(`${ran.stdout}${ran.stderr}`.includes(part), `does not say "${part}": ${shown(row, ran)}`);
  const different = row.written.length === 0 ? changesBetween(was, now) : changed(was, now);
  assert.deepEqual(different, [...row.written].sort(), shown(row, ran));
  assertTrue(row, ran, changesBetween(was, now));
  const gated = row.stop !== undefined && row.stop.by !== 'answers' && row.stop.by !== 'sleep';
  await tryHints(stage, ran.stderr, gated ? gate.url : undefined);
  if (row.stop?.by === 'sleep') cluster.serviceController.resume();
  const last = await again(stage, row);
  const end = await snapshot(stage);
  assert.deepEqual(changed(now, end), [...row.again.written].sort(), `typed again: ${shown(row, last)}`);
  assertTrue(row, last, changesBetween(now, end));
}

/** Every killed run on a stage of its own; typed again, all of them end in the same state. */
async function kill(t: Test, row: Row): Promise<void> {
  const gate = await openGate(t);
  for (let nth = 1; ; nth += 1) {
    const stage = await setScene(t, cluster, row.scene);
    const was = await snapshot(stage);
    const killed = await killBehind(stage, gate, row, nth);
    const now = await snapshot(stage);
    for (const kind of changed(was, now))
      assert.ok(([...row.written] as string[]).includes(kind), `${kind} was written`);
    if (!killed) {
      const kinds = row.stop?.by === 'kill' ? (row.stop.at ?? []) : [];
      assert.ok(nth > Math.max(1, kinds.length), `it never wrote ${kinds[nth - 1] ?? 'anything'}`);
      return;
    }
    const last = await again(stage, row);
    assertTrue(row, last, changesBetween(now, await snapshot(stage)));
  }
}

describe('a verb that is stopped', { concurrency: 4 }, () => {
  for (const row of TABLE.filter(({ stop }) => stop?.by !== 'sleep'))
    test(`${row.verb} ${row.words}, ${row.scene}: ${row.state}`, (t) => goThrough(t, row));
});

describe('while the controller of the load balancer sleeps', () => {
  for (const row of TABLE.filter(({ stop }) => stop?.by === 'sleep'))
    test(`${row.verb} ${row.words}, ${row.scene}: ${row.state}`, (t) => goThrough(t, row));

  test('commands of every kind have been typed as they were shown', (t) => {
    const kinds = typedKinds();
    t.diagnostic(`${kinds.length} commands were shown and typed`);
    for (const verb of ['wait-zero', 'recreate', 'advance', 'restore', 'rollback', 'status', 'plan', 'drain'])
      assert.ok(
        kinds.some((kind) => kind.startsWith(`kubectl zeroloss ${verb} `)),
        `${verb} was never shown: ${kinds.join('\n')}`,
      );
  });
});
