import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lagOfPods, lagOfRecording } from '../../../lib/core/lifecycle/measured-lag.ts';
import { parseRecording, RECORDING_FORMAT } from '../../../lib/core/story/recording.ts';
import { RS_WEIGHT_ANNOTATION } from '../../../lib/core/weights/rs-weight.ts';
import { pod } from '../../builders.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const podReady = (containers: number, gate: number, status = 'True') =>
  pod({
    merge: {
      status: {
        conditions: [
          { type: 'ContainersReady', status: 'True', lastTransitionTime: at(containers) },
          { type: 'cloud.tencent.com/load-balancer-backendgroup-ready', status, lastTransitionTime: at(gate) },
        ],
      },
    },
  });

const begin = { at: at(0), kind: 'begin', format: RECORDING_FORMAT, verb: 'drain', target: {}, operator: '' };
const weight = (seconds: number, value: number, name = 'nginx-0') => ({
  at: at(seconds),
  kind: 'weight',
  pod: name,
  balancer: 'lb-1',
  listener: 'TCP/80',
  weight: value,
  health: 'alive',
});
const write = (seconds: number, more: object = {}) => ({
  at: at(seconds),
  kind: 'write',
  call: 'patch',
  object: 'service/nginx',
  body: { metadata: { annotations: { [RS_WEIGHT_ANNOTATION]: '{}' } } },
  dryRun: false,
  ...more,
});
const measured = (...lines: object[]) =>
  lagOfRecording(parseRecording([begin, ...lines].map((line) => JSON.stringify(line)).join('\n'), 'f').lines, 'nginx');

describe('the lag of the load balancer', () => {
  it('is the time from ready containers to the readiness gate, of pods whose gate came last', () => {
    assert.deepEqual(lagOfPods([podReady(10, 12), podReady(10, 10), podReady(20, 12), podReady(1, 9, 'False')]), {
      bindingMs: [2000, 0],
      weightMs: [],
    });
  });

  it('is the time from a write of weights to the load balancer that shows another weight', () => {
    assert.deepEqual(measured(weight(1, 10), write(2), weight(2.8, 0)).weightMs, [800]);
  });

  it('takes no weight for an answer to a write that it did not follow', () => {
    const { weightMs } = measured(
      weight(1, 10),
      weight(2, 5),
      write(3, { dryRun: true }),
      write(3, { error: 'conflict' }),
      write(3, { object: 'statefulset/nginx' }),
      write(3, { body: { metadata: { annotations: { other: '1' } } } }),
      weight(4, 0),
      weight(5, 10, 'web-0'),
    );
    assert.deepEqual(weightMs, []);
    assert.deepEqual(measured(write(1), weight(2, 0)).weightMs, [], 'the first weight of a run is news, not a change');
    assert.deepEqual(
      measured(weight(1, 10), write(2), weight(900, 0)).weightMs,
      [],
      'minutes later it is another cause',
    );
    assert.deepEqual(measured(weight(1, 10), write(2), begin, weight(3, 0)).weightMs, [], 'a new run begins anew');
  });

  it('counts each pod of a recording once, by its UID', () => {
    const line = {
      kind: 'pod',
      pod: 'nginx-0',
      revision: 'r',
      ready: true,
      phase: 'Running',
      restarts: 0,
      address: '',
    };
    const moments = { containersReadyAt: at(5), gateReadyAt: at(6) };
    const { bindingMs } = measured(
      { at: at(1), ...line, uid: 'a' },
      { at: at(7), ...line, uid: 'a', ...moments },
      { at: at(8), ...line, uid: 'a', ...moments },
      { at: at(9), ...line, uid: 'b', ...moments },
      { at: at(9), ...line, uid: 'c', pod: 'web-0', ...moments },
    );
    assert.deepEqual(bindingMs, [1000, 1000]);
  });
});
