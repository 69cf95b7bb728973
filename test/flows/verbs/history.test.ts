import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError, StatusError } from '../../../lib/core/errors.ts';
import type { RecordingLine } from '../../../lib/core/story/recording.ts';
import type { HistoryDetails } from '../../../lib/core/story/story.ts';
import { timelineOf } from '../../../lib/core/story/timeline.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { writeEvent } from '../../../lib/flows/guard/write-event.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { history } from '../../../lib/flows/verbs/history.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { renderHistoryPage } from '../../../lib/output/history/history-page.ts';
import { renderHistoryTable } from '../../../lib/output/history/history-table.ts';
import { EVENTS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { NEW_HASH } from '../../builders.ts';
import { common, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

async function upgraded(): Promise<Rehearsal> {
  const rehearsal = rehearse({ replicas: 4 });
  const world = { ...rehearsal.world, operator: 'user@host' };
  await drain(world, { ...common, ordinals: [0, 1] });
  await waitZero(world, { ...common, ...zero });
  await recreate(world, { ...common, ...zero, evict: false, force: false });
  await advance(world, common);
  return rehearsal;
}

const tell = async (rehearsal: Rehearsal, more: object = {}) =>
  (await history(rehearsal.world, { ...common, ...more })).details as HistoryDetails;

describe('history', () => {
  it('shows operator, step and time, with the evidence of zero', async () => {
    const { entries, now } = await tell(await upgraded());
    assert.deepEqual(
      entries.map(({ step, operator }) => [step, operator]),
      ['Drained', 'Recreating', 'Recreated', 'Advanced'].map((step) => [step, 'user@host']),
    );
    const deletion = entries[1];
    assert.match(deletion?.message ?? '', /^deleting nginx-0, nginx-1 \(at zero: 0,1: fake 0 for \d+s\)$/);
    assert.deepEqual(
      deletion?.details.evidence?.map(({ pod, source, connections }) => [pod, source, connections]),
      [
        ['nginx-0', 'fake', 0],
        ['nginx-1', 'fake', 0],
      ],
    );
    assert.deepEqual(now?.drainSet, [2, 3]);
    assert.equal(now?.updatedPods, 2);
  });
  it('shows the steps of one second in their order, with any names of the Events', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    for (const ordinal of [3, 1, 2]) {
      await rehearsal.clock.sleep(7);
      const set = readStatefulSet(rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail());
      await writeEvent(rehearsal.world, set, 'ZerolossDrained', `weight 0 for ordinals ${ordinal}`);
    }
    const events = rehearsal.kube.objects(EVENTS);
    for (const event of events) rehearsal.kube.remove(EVENTS, event.metadata.name);
    for (const [index, event] of events.toReversed().entries())
      rehearsal.kube.put({ ...event, metadata: { ...event.metadata, name: `nginx.${index}` } });
    const { entries } = await tell(rehearsal);
    assert.deepEqual(
      entries.map(({ message }) => message.at(-1)),
      ['3', '1', '2'],
    );
  });
  it('shows that a pod is back also when the command that deleted it was killed before', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    const again = { ...common, ...zero, evict: false, force: false };
    await assert.rejects(
      recreate(rehearsal.world, { ...again, timeoutMs: 10_500 }).then(() => assert.fail('too quick')),
    );
    if (rehearsal.kube.writes.every(({ verb }) => verb !== 'delete')) assert.fail('nothing was deleted');
    await recreate(rehearsal.world, again);
    await recreate(rehearsal.world, again);
    const { entries } = await tell(rehearsal);
    assert.deepEqual(
      entries.map(({ step }) => step),
      ['Drained', 'Recreating', 'Recreated'],
    );
  });
  it('leaves out events of others, and of a former StatefulSet of the same name', async () => {
    const rehearsal = await upgraded();
    for (const [reason, uid] of [
      ['SuccessfulCreate', 'any'],
      ['ZerolossDrained', 'another'],
    ] as const) {
      rehearsal.kube.put({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `nginx.${reason}`, namespace: 'default' },
        involvedObject: { kind: 'StatefulSet', name: 'nginx', uid },
        reason,
      });
    }
    assert.equal((await tell(rehearsal)).entries.length, 4);
  });
  it('forced deletions are shown as such', async () => {
    const rehearsal = rehearse({ replicas: 3 });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    rehearsal.source.counts.set('nginx-0', 3);
    await recreate(rehearsal.world, { ...common, ...zero, evict: false, force: true });
    const { entries } = await tell(rehearsal);
    assert.match(entries.find(({ step }) => step === 'Recreating')?.details.forced?.join() ?? '', /3 connections/);
  });
  it('goes on with a recording when the cluster does not answer, and fails without one', async () => {
    const rehearsal = await upgraded();
    const recording = {
      lines: [
        {
          at: '2026-01-01T00:00:00.000Z',
          kind: 'event',
          reason: 'ZerolossDrained',
          message: 'm',
          operator: 'bo',
          details: {},
        },
      ] satisfies RecordingLine[],
      notes: [],
    };
    rehearsal.kube.failNext({ verb: 'get', resource: 'statefulsets' }, new ConnectionError('refused'), 2);
    const told = await tell(rehearsal, { recording });
    assert.equal(told.entries[0]?.operator, 'bo');
    assert.equal(told.now, null);
    await assert.rejects(tell(rehearsal), ConnectionError);
  });
  it('shows a step once that stands in the recording and as an Event', async () => {
    const rehearsal = await upgraded();
    const { entries } = await tell(rehearsal);
    const lines = entries.map(
      ({ at, step, message, operator, details }): RecordingLine => ({
        at,
        kind: 'event',
        reason: `Zeroloss${step}`,
        message,
        operator,
        details,
      }),
    );
    assert.equal((await tell(rehearsal, { recording: { lines, notes: [] } })).entries.length, 4);
  });
  it('with a recording, shows the steps of its own time and no other upgrade of the last hour', async () => {
    const rehearsal = await upgraded();
    await rehearsal.clock.sleep(600_000);
    const set = readStatefulSet(rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail());
    await writeEvent(rehearsal.world, set, 'ZerolossSurged', 'a later upgrade');
    const { entries } = await tell(rehearsal);
    const last = entries.at(-1);
    assert.equal(last?.message, 'a later upgrade');
    const lines: RecordingLine[] = [{ at: last.at, kind: 'progress', line: 'only this' }];
    const told = await tell(rehearsal, { recording: { lines, notes: [] } });
    assert.deepEqual(
      told.entries.map(({ message }) => message),
      ['a later upgrade'],
    );
  });
  it('reports it when events may not be read', async () => {
    const rehearsal = await upgraded();
    rehearsal.kube.failNext({ verb: 'list', resource: EVENTS.plural }, new StatusError(403, 'Forbidden', 'no'), 1);
    const { entries, notes } = await tell(rehearsal);
    assert.deepEqual(entries, []);
    assert.match(notes.join(), /events cannot be read/);
  });
});

describe('the page', () => {
  it('needs nothing from anywhere, and shows texts as texts', async () => {
    const rehearsal = await upgraded();
    const details = await tell(rehearsal);
    const evil = {
      ...details,
      entries: details.entries.map((entry) => ({ ...entry, message: '<script>alert(1)</script>' })),
    };
    const page = renderHistoryPage({
      target: { namespace: 'default', name: 'nginx' },
      details: evil,
      timeline: timelineOf('nginx', details.entries, []),
      madeAtMs: rehearsal.clock.now(),
    });
    assert.doesNotMatch(page, /<script|https?:|src=|href=|url\(/);
    assert.match(page, /&lt;script&gt;/);
    assert.match(page, /prefers-color-scheme: dark/);
    assert.match(page, /@media print/);
    for (const ordinal of [0, 1, 2, 3]) assert.match(page, new RegExp(`>nginx-${ordinal}</text>`));
  });
  it('draws a gap in the counts as a gap, and the weight of 0 as 0', () => {
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    const sample = (second: number, connections: number | null): RecordingLine => ({
      at: at(second),
      kind: 'sample',
      pod: 'nginx-0',
      source: 'clb',
      listener: 'TCP/80',
      of: at(second),
      connections,
    });
    const weight = (second: number, value: number): RecordingLine => ({
      at: at(second),
      kind: 'weight',
      pod: 'nginx-0',
      balancer: 'lb',
      listener: 'TCP/80',
      weight: value,
      health: 'alive',
    });
    const timeline = timelineOf(
      'nginx',
      [],
      [weight(0, 10), sample(1, 3), weight(2, 0), sample(3, null), sample(4, 0)],
    );
    const [pod] = timeline?.pods ?? [];
    assert.deepEqual(
      pod?.weight.map(({ value }) => value),
      [10, 0],
    );
    assert.deepEqual(
      pod?.connections.map(({ value }) => value),
      [3, null, 0],
    );
  });
  it('goes on from the events where the recording ends', async () => {
    const { entries } = await tell(await upgraded());
    const drained = entries[0]?.at ?? '';
    const lines: RecordingLine[] = [
      { at: drained, kind: 'weight', pod: 'nginx-2', balancer: 'lb', listener: 'TCP/80', weight: 10, health: 'alive' },
    ];
    const pods = timelineOf('nginx', entries, lines)?.pods ?? [];
    assert.deepEqual(
      pods.find(({ pod }) => pod === 'nginx-2')?.weight.map(({ value }) => value),
      [10, 0],
    );
  });
  it('draws a surplus pod from its surge on, and gone once it is scaled away', async () => {
    const rehearsal = rehearse({ replicas: 3, settled: true });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false });
    await rehearsal.clock.sleep(5_000);
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    await drain(rehearsal.world, { ...common, ordinals: [3] });
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false });
    const { entries } = await tell(rehearsal);
    const timeline = timelineOf('nginx', entries, []);
    const surplus = timeline?.pods.find(({ pod }) => pod === 'nginx-3');
    const surgedMs = Date.parse(entries.find(({ step }) => step === 'Surged')?.at ?? '');
    assert.ok(surgedMs > (timeline?.fromMs ?? Number.NaN));
    assert.equal(surplus?.weight[0]?.fromMs, surgedMs);
    assert.deepEqual(
      surplus.readiness.map(({ value }) => value),
      ['ready', 'gone'],
    );
    const goneMs = surplus.readiness.at(-1)?.fromMs ?? Number.NaN;
    for (const { toMs } of [...surplus.weight, ...surplus.revision]) assert.ok(toMs <= goneMs);
  });
  it('marks the revision that pods were replaced with last, also in a recording that begins in the middle', async () => {
    const { entries } = await tell(await upgraded());
    const seen = (ordinal: number, revision: string, second: number): RecordingLine => ({
      at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
      kind: 'pod',
      pod: `nginx-${ordinal}`,
      uid: `${ordinal}-${revision}`,
      revision,
      ready: true,
      phase: 'Running',
      restarts: 0,
      address: '',
    });
    const now = `nginx-${NEW_HASH}`;
    const lines = [seen(0, now, 0), seen(1, 'nginx-old', 0), seen(1, now, 30)];
    const page = renderHistoryPage({
      target: { namespace: 'default', name: 'nginx' },
      details: await tell(await upgraded()),
      timeline: timelineOf('nginx', entries, lines),
      madeAtMs: 0,
    });
    const strips = [...page.matchAll(/<rect class="(was|now)"[^>]*><title>revision ([^:]+):/g)].map(
      ([, look, revision]) => `${look} ${revision}`,
    );
    assert.deepEqual(new Set(strips.filter((strip) => strip.endsWith(now))), new Set([`now ${now}`]));
    assert.ok(strips.includes('was nginx-old'));
  });
});

describe('history shows why each revision was made', () => {
  const revision = (set: KubeObject, number: number, hash: string, cause?: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `nginx-${hash}`,
      namespace: 'default',
      labels: { app: 'nginx' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx', uid: set.metadata.uid ?? '' }],
      ...(cause === undefined ? {} : { annotations: { 'kubernetes.io/change-cause': cause } }),
    },
    revision: number,
    data: {},
  });

  it('of the revisions that have a cause, and the one on the StatefulSet for its newest revision', async () => {
    const rehearsal = await upgraded();
    const set = rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail();
    rehearsal.kube.put(revision(set, 1, 'old', 'the first\nrelease'));
    rehearsal.kube.put(revision(set, 2, 'between'));
    rehearsal.kube.put(revision(set, 3, NEW_HASH));
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, 'kubernetes.io/change-cause': 'CVE-2026-1' };
    });
    const { details, message } = await history(rehearsal.world, common);
    assert.deepEqual(details.causes, [
      { revision: 1, name: 'nginx-old', cause: 'the first\nrelease' },
      { revision: 3, name: `nginx-${NEW_HASH}`, cause: 'CVE-2026-1' },
    ]);
    assert.match(String(message), /^change-cause of revision 1 \(nginx-old\): the first release$/m);
    const wide = await renderHistoryTable(details, { wide: true, headers: true });
    assert.match(wide, /CHANGE-CAUSE/);
    assert.match(wide, /CVE-2026-1/);
    const target = { namespace: 'default', name: 'nginx' };
    const html = renderHistoryPage({ target, details, timeline: undefined, madeAtMs: 0 });
    assert.match(html, /<dt>Cause of revision 3<\/dt><dd>CVE-2026-1 \(nginx-/);
  });

  it('a cause of the revision itself wins over what the StatefulSet says now', async () => {
    const rehearsal = await upgraded();
    const set = rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail();
    rehearsal.kube.put(revision(set, 3, NEW_HASH, 'its own'));
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, 'kubernetes.io/change-cause': 'later' };
    });
    assert.deepEqual(
      (await tell(rehearsal)).causes?.map(({ cause }) => cause),
      ['its own'],
    );
  });

  it('and who may not list revisions still reads the story, with a note', async () => {
    const rehearsal = await upgraded();
    rehearsal.kube.failNext({ verb: 'list', resource: 'controllerrevisions' }, new StatusError(403, 'Forbidden', 'no'));
    const { entries, notes, causes } = await tell(rehearsal);
    assert.equal(entries.length, 4);
    assert.deepEqual(causes, []);
    assert.ok(notes.some((note) => /^change-causes cannot be read: /.test(note)));
  });
});
