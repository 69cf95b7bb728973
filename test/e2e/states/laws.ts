/** The laws of every end of every verb, beside what its row says. */
import assert from 'node:assert/strict';
import type { Ran } from '../stage/plugin.ts';
import type { Row } from './row.ts';

const NOTHING_WRITTEN =
  /nothing was written|nothing written|nothing was changed|no weight was changed|changed no weight/;
const NOTHING_DELETED = /nothing was deleted(?! for)|no pod deleted|deleted no pod/;
/** Something that a person can do next. */
const A_WAY = /^(hint|next): |^ {4}to (fix|override) it: |: it has \d/m;

/** `changes`: what is different in the cluster since before this run. */
export function assertTrue(row: Row, ran: Ran, changes: readonly string[]): void {
  const said = `${row.verb}, ${row.state} => ${ran.code}\n${ran.stdout}${ran.stderr}\nchanged: ${changes.join() || 'nothing'}`;
  if (NOTHING_WRITTEN.test(ran.stderr)) assert.deepEqual(changes, [], `says that nothing was written: ${said}`);
  if (NOTHING_DELETED.test(ran.stderr)) assert.ok(!changes.includes('pods'), `says that nothing was deleted: ${said}`);
  if (ran.code === 4 || ran.code === 2) assert.deepEqual(changes, [], said);
  // A verb that only reads leaves nothing to go on with, and 3 may say that nothing is left; check shows its cures on stdout.
  const isLeft =
    ran.code !== 0 && ran.code !== 3 && !/interrupted; nothing was written/.test(ran.stderr) && row.verb !== 'check';
  if (isLeft) assert.match(ran.stderr, A_WAY, `no way on or back: ${said}`);
  if (ran.stdout === '') return;
  const data = JSON.parse(ran.stdout);
  if (data.exitCode !== undefined) assert.equal(data.exitCode, ran.code, said);
  // Somebody else's changes are not ours.
  if (data.changed !== undefined && row.stop?.by !== 'another image')
    assert.equal(data.changed, changes.length > 0, `"changed" is not so: ${said}`);
  if (ran.code === 7) assert.ok(['written, not finished', 'the world disagrees'].includes(data.reason), said);
}
