/** Runs a verb that has to fail, and proves that it wrote nothing. */
import assert from 'node:assert/strict';
import { list, text } from '../../../lib/core/values/read.ts';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { Ran, RunOptions } from './plugin.ts';
import { chosenAnnotations, type Stage } from './stage.ts';

/** The part that a verb may write, without the writes of controllers to the same objects. */
export async function writable(stage: Stage) {
  const [services, sets, uids, events] = await Promise.all([
    stage.services(),
    stage.cluster.kube.list(STATEFUL_SETS, { namespace: stage.namespace }),
    stage.uids(),
    stage.events(),
  ]);
  const objects = [...services, ...sets.items].map((object) => ({
    name: object.metadata.name,
    labels: object.metadata.labels,
    annotations: chosenAnnotations(object),
    spec: object['spec'],
    // Even a write that changed nothing in the end would show here.
    written: list(object, 'metadata', 'managedFields')
      .filter((entry) => text(entry, 'manager') === 'kubectl-zeroloss')
      .map((entry) => text(entry, 'time')),
  }));
  return { objects, uids, events };
}

export interface Failure {
  code: number;
  /** All of them have to match stderr. */
  says: readonly RegExp[];
}

/** Asserts exit code, empty stdout, what stderr says, and that no Service, StatefulSet or pod changed. */
export async function assertUnwritten(
  stage: Stage,
  words: readonly string[],
  { code, says }: Failure,
  options: RunOptions = {},
): Promise<Ran> {
  const before = await writable(stage);
  const ran = await stage.run(words, options);
  const shown = `${words.join(' ')} => ${ran.code}\n${ran.stdout}${ran.stderr}`;
  assert.equal(ran.code, code, shown);
  assert.equal(ran.stdout, '', shown);
  for (const pattern of says) assert.match(ran.stderr, pattern, shown);
  assert.deepEqual(await writable(stage), before, `something was written: ${shown}`);
  return ran;
}
