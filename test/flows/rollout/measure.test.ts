import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRecording, RECORDING_FORMAT } from '../../../lib/core/story/recording.ts';
import { auditDeployment } from '../../../lib/flows/rollout/audit-deployment.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { recordingWorld } from '../../../lib/recording/recording-world.ts';
import { checked, wish } from '../check/cases.ts';
import { common, type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';
import { web } from './stage.ts';

const sleeping = (seconds: number) => ({
  containers: [{ name: 'nginx', image: 'nginx:1.25.4', lifecycle: { preStop: { sleep: { seconds } } } }],
});
const rehearsed = (spec: object = sleeping(20)) => rehearse({ set: { merge: { spec: { template: { spec } } } } });

/** The gates of all pods are met this long after their containers. */
function gatesAfter({ kube }: Rehearsal, seconds: number): void {
  for (const { metadata } of kube.objects(PODS))
    kube.edit(PODS, metadata.name, (object) => {
      const time = (of: number) => new Date(Date.UTC(2026, 0, 1) + of * 1000).toISOString();
      object['status'] = {
        ...(object['status'] as object),
        conditions: [
          { type: 'ContainersReady', status: 'True', lastTransitionTime: time(5) },
          {
            type: 'cloud.tencent.com/load-balancer-backendgroup-ready',
            status: 'True',
            lastTransitionTime: time(5 + seconds),
          },
        ],
      };
    });
}

async function lagOf(rehearsal: Rehearsal, measure: Parameters<typeof checked>[1] = { measure: null }) {
  const { findings } = await checked(rehearsal, measure);
  const found = findings.find(({ rule }) => rule === 'measured-lag');
  return `${found?.level} ${found?.message}`;
}

describe('check --measure', () => {
  it('compares the time that binding took with the shortest preStop', async () => {
    const rehearsal = rehearsed();
    gatesAfter(rehearsal, 2);
    assert.equal(await lagOf(rehearsal), 'OK binding took 2s (10 pods): a preStop of 20s covers it');
    const short = rehearsed(sleeping(1));
    gatesAfter(short, 2);
    assert.equal(await lagOf(short), 'WARN binding took 2s (10 pods): a preStop of 1s does not cover it');
    const none = rehearsed({});
    gatesAfter(none, 2);
    assert.match(await lagOf(none), /^WARN .*: not every container sleeps in preStop$/);
  });

  it('warns where nothing shows a moment, and names the command that writes some down', async () => {
    const rehearsal = rehearsed();
    gatesAfter(rehearsal, -3);
    assert.match(await lagOf(rehearsal), /^WARN nothing to measure: /);
  });

  it('is silent unless it is asked for, and writes nothing when it is', async () => {
    assert.equal(await lagOf(rehearsed(), {}), 'undefined undefined');
    const rehearsal = rehearsed();
    await checked(rehearsal, { measure: null });
    assert.deepEqual(
      rehearsal.kube.calls.filter(
        ({ verb, resource }) => !/^(get|list)$/.test(verb) && !/accessreviews/.test(resource),
      ),
      [],
    );
  });

  it('takes the time of a weight from the recording of a drain', async () => {
    const rehearsal = rehearsed();
    const lines: object[] = [];
    const file = { append: (line: object) => void lines.push(line), close: () => undefined };
    rehearsal.balancer.asleep = true;
    await rehearsal.balancer.observe({ id: 'lb-nginx' });
    rehearsal.clock.at(1500, () => {
      rehearsal.balancer.asleep = false;
    });
    const world = recordingWorld(rehearsal.world, { verb: 'drain', target: 'nginx', file });
    await drain(world, { ...common, ordinals: [0] });
    const recording = parseRecording(lines.map((line) => JSON.stringify(line)).join('\n'), 'up.jsonl');
    assert.match(lines.length > 0 ? JSON.stringify(lines[0]) : '', new RegExp(RECORDING_FORMAT));
    assert.match(
      await lagOf(rehearsal, { measure: recording }),
      /^OK .*weight took 1\.5s \(1 change\): a preStop of 20s covers it$/,
    );
  });

  it('measures the pods of a Deployment too', async () => {
    const rehearsal = web();
    gatesAfter(rehearsal, 3);
    const { details } = await auditDeployment(rehearsal.world, { ...wish, name: 'web', measure: null });
    const { level, message } = details.findings.find(({ rule }) => rule === 'measured-lag') ?? {};
    assert.equal(`${level} ${message}`, 'OK binding took 3s (10 pods): a preStop of 20s covers it');
  });

  it('looks at the connections again after the grace period: those that outlast it would be cut', async () => {
    const openOf = async (seenForMs: number | undefined, measure?: null) => {
      const rehearsal = web();
      const { source, world, clock } = rehearsal;
      source.counts.set('web-5d4f7c9b8-0', 3);
      const read = source.read.bind(source);
      const startMs = clock.now();
      source.read = async (backends) =>
        (await read(backends)).map((series) => ({
          ...series,
          ...(seenForMs === undefined
            ? {}
            : { holders: [{ peer: '10.9.0.1', connections: 3, seenForMs: clock.now() > startMs ? seenForMs : 0 }] }),
        }));
      const asked = { ...wish, name: 'web', ...(measure === undefined ? {} : { measure }) };
      const { details } = await auditDeployment(world, asked);
      const tookMs = clock.now() - startMs;
      return { text: details.findings.find(({ rule }) => rule === 'open-connections')?.message ?? '', tookMs };
    };
    const stayed = await openOf(60_000, null);
    assert.match(
      stayed.text,
      /^about 3 .*; the longest-lived have been there for 1m or more: a rolling update would cut/,
    );
    assert.equal(stayed.tookMs, 60_000);
    assert.match((await openOf(0, null)).text, /; none of them was still there 1m later: /);
    assert.match((await openOf(undefined, null)).text, /; how long they have been there is unknown/);
    const once = await openOf(60_000);
    assert.match(
      once.text,
      /; how long they have been there is unknown \(--measure looks twice; source pod can tell\): /,
    );
    assert.equal(once.tookMs, 0);
  });
});
