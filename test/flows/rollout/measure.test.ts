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
});
