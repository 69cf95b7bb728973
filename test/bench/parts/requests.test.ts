import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { measureRequests, tableOf } from '../../../bench/requests/measure-requests.ts';

test('ten times the pods cost no more requests where a listing holds all, and one more per list of addresses or series elsewhere', async () => {
  const [few, many] = [await measureRequests(10), await measureRequests(100)];
  const of = (measured: typeof few, verb: string) => measured.find((each) => each.verb === verb) ?? assert.fail(verb);
  for (const verb of ['verify', 'advance', 'restore']) {
    assert.deepEqual(
      [of(many, verb).kube, of(many, verb).cloud],
      [of(few, verb).kube, of(few, verb).cloud],
      `${verb} grew with the pods`,
    );
  }
  // 100 addresses are asked for in five lists of twenty, ten in one.
  assert.ok(of(many, 'check').cloud - of(few, 'check').cloud <= 4);
  assert.equal(of(many, 'check').kube, of(few, 'check').kube);
  assert.ok(of(many, 'drain').cloud <= of(few, 'drain').cloud + 1);
  for (const { verb, cloud } of many) assert.ok(cloud < 100, `${verb} made ${cloud} calls for 100 pods on 3 listeners`);
  // The series that grow with a batch are read three times, ten series a call.
  assert.ok(of(many, 'wait-zero').cloud - of(few, 'wait-zero').cloud <= 3 * 3);
  assert.match(
    tableOf([...few, ...many]),
    /^\| verb \| 10 pods \| 100 pods \|\n\| --- \| ---: \| ---: \|\n\| `check` \| \d+ \+ \d+ \|/,
  );
});

test('the table of docs/dev/scale.md is what the verbs send now: node --import tsx bench/requests/main.ts', async () => {
  const measured = [];
  for (const pods of [10, 100, 1000]) measured.push(...(await measureRequests(pods)));
  const page = await readFile(new URL('../../../docs/dev/scale.md', import.meta.url), 'utf8');
  assert.equal(/^\| verb.*\n(?:\|.*\n)+/m.exec(page)?.[0], tableOf(measured));
});
