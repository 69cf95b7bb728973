/** A law over what the verbs name: from any state of drained pods and canaries, the commands that are named, typed one after the other, come to the end. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { PlanStep } from '../../../lib/core/plan/plan-step.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { NEW_HASH, pod } from '../../builders.ts';
import { annotation, type Rehearsal, rehearse } from '../../flows/rehearsal/rehearsal.ts';
import { run } from '../harness.ts';

const REPLICAS = 4;
const EVERY = [...new Array(REPLICAS).keys()];
const CANARY = 'nginx.kubectl-zeroloss/canary';

interface Drawn {
  drained: number[];
  /** Of `drained` those that were replaced since. */
  replaced: number[];
  /** Of `replaced` those that were raised to a canary weight. */
  raised: number[];
  /** The template was changed again, so that every pod is outdated. */
  again: boolean;
  /** A surplus pod that the state begins with: with traffic, or without. */
  surge: 'none' | 'lit' | 'dark';
  way: readonly string[];
}

const WAYS = [
  ['advance', 'nginx'],
  ['advance', 'nginx', '--max-unavailable', '2'],
  ['status', 'nginx'],
] as const;

const drawn: fc.Arbitrary<Drawn> = fc
  .record({
    drained: fc.subarray(EVERY, { maxLength: REPLICAS - 1 }),
    again: fc.boolean(),
    surge: fc.constantFrom('none', 'lit', 'dark'),
    way: fc.constantFrom(...WAYS),
  })
  .chain(({ drained, ...rest }) =>
    fc
      .subarray(drained)
      .chain((replaced) => fc.record({ replaced: fc.constant(replaced), raised: fc.subarray(replaced) }))
      .map((more) => ({ drained, ...rest, ...more })),
  );

interface Answer {
  exitCode: number;
  refusals: { rule: string; cure?: string }[];
  next: string[];
  /** Of a plan. */
  details: { steps: readonly PlanStep[] } | undefined;
}

/** Each line of the verbs that wait gets a short window; an upgrade is asked nothing. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  'wait-zero': ['--stable-for', '3s'],
  recreate: ['--stable-for', '3s'],
  upgrade: ['--stable-for', '3s', '--min-serving', '1', '--yes'],
  advance: ['--min-serving', '1'],
  drain: ['--min-serving', '1'],
};

async function type(rehearsal: Rehearsal, words: readonly string[]): Promise<Answer> {
  // The advice of a command carries its flags on.
  const all = MORE[words[0] ?? ''] ?? [];
  const more = all.some((word) => words.includes(word)) ? [] : all;
  const argv = [...words, ...more, '-o', 'json'];
  const { world } = rehearsal;
  const ran = await run(argv, {
    real: true,
    openWorld: async ({ report, signal }) => ({ world: { ...world, report, signal }, close: async () => {} }),
  });
  assert.notEqual(ran.stdout, '', ran.stderr);
  const { refusals = [], next = [], details } = JSON.parse(ran.stdout) as Partial<Answer>;
  return { exitCode: ran.code, refusals, next, details };
}

/** The commands of one line of advice, without the program's name and their comments. */
const commandsIn = (line: string): string[][] =>
  line
    .replace(/ +#.*$/s, '')
    .split(' && ')
    .map((text) => text.replace(/^kubectl zeroloss /, '').split(' '));

async function begin({ drained, replaced, raised, again, surge }: Drawn): Promise<Rehearsal> {
  const rehearsal = rehearse({ replicas: REPLICAS });
  const { kube } = rehearsal;
  const set = kube.objects(STATEFUL_SETS)[0];
  assert.ok(set !== undefined);
  if (surge !== 'none') await type(rehearsal, ['surge', 'nginx', '1', ...(surge === 'dark' ? ['--dark'] : [])]);
  if (drained.length > 0) await type(rehearsal, ['drain', 'nginx', drained.join(','), '--min-serving', '1']);
  for (const ordinal of replaced) {
    kube.remove(PODS, `nginx-${ordinal}`);
    kube.put(pod({ statefulSet: set, ordinal, revision: `nginx-${NEW_HASH}`, ip: `10.0.1.${10 + ordinal}` }));
  }
  if (raised.length > 0) await type(rehearsal, ['restore', 'nginx', raised.join(','), '--weight', '1']);
  if (again)
    kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      object['status'] = { ...(object['status'] as object), updateRevision: 'nginx-third' };
    });
  return rehearsal;
}

/** Types what each answer names until an advance ends with 3, or a status names nothing more. */
async function follow(rehearsal: Rehearsal, way: readonly string[]): Promise<void> {
  const typed: string[] = [];
  let due: (readonly string[])[] = [way];
  for (;;) {
    const words = due.shift();
    if (words === undefined) return;
    typed.push(words.join(' '));
    assert.ok(typed.length <= 60, `no end: ${typed.slice(-12).join('; ')}`);
    const { exitCode, refusals, next } = await type(rehearsal, words);
    if (exitCode === 3) return;
    const cures = refusals.flatMap(({ cure }) => cure ?? []);
    assert.ok(exitCode === 0 || cures.length > 0, `${exitCode}, and no cure: ${typed.slice(-3).join('; ')}`);
    if (exitCode !== 0) due = [...commandsIn(cures[0] ?? ''), way];
    else if (due.length === 0) due = commandsIn(next[0] ?? '').filter(([verb]) => verb !== '');
  }
}

/** Takes the steps of a plan in their order, and those of its loop again until one ends with 3. */
async function takeSteps(rehearsal: Rehearsal, flags: readonly string[]): Promise<void> {
  const { details } = await type(rehearsal, ['plan', 'nginx', ...flags]);
  const { steps } = details ?? assert.fail('a plan has steps');
  for (let index = 0, taken = 0; index < steps.length; taken++) {
    const step = steps[index];
    assert.ok(step?.tool === 'zeroloss' && taken < 60, `no end: ${step?.words.join(' ')}`);
    const { exitCode, refusals } = await type(rehearsal, step.words);
    const ends = exitCode === 3 && step.mayEnd === true;
    assert.ok(ends || exitCode === 0, `${exitCode} at ${step.words.join(' ')}: ${refusals[0]?.rule}`);
    const loop = steps.findIndex((each) => each.loop === true);
    if (step.loop !== true) index += 1;
    else if (ends) index = steps.findLastIndex((each) => each.loop === true) + 1;
    else index = steps[index + 1]?.loop === true ? index + 1 : loop;
  }
}

async function isOver(rehearsal: Rehearsal): Promise<void> {
  const { kube } = rehearsal;
  await type(rehearsal, ['restore', 'nginx']);
  const { updateRevision } = readStatefulSet(kube.objects(STATEFUL_SETS)[0] as KubeObject);
  const revisions = kube.objects(PODS).map(({ metadata }) => metadata.labels?.['controller-revision-hash']);
  assert.deepEqual(revisions, new Array(REPLICAS).fill(updateRevision));
  assert.deepEqual([annotation(rehearsal), annotation(rehearsal, 'nginx', CANARY)], [undefined, undefined]);
}

it('the commands that are named, typed one after the other, come to the end, whatever is drained and whichever canary is outdated', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async (given) => {
      const rehearsal = await begin(given);
      await follow(rehearsal, given.way);
      await isOver(rehearsal);
    }),
    { numRuns: 60 },
  );
});

it('the steps of a plan, taken in their order, come to the end from there too', async () => {
  const flags = fc.constantFrom([], ['--batch', '2'], ['--max-unavailable', '2']);
  await fc.assert(
    fc.asyncProperty(drawn, flags, async (given, more) => {
      const rehearsal = await begin(given);
      await takeSteps(rehearsal, more);
      await isOver(rehearsal);
    }),
    { numRuns: 60 },
  );
});
