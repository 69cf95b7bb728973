/** The verbs that write once: weights, replicas, the template or the pause. */
import type { Row } from '../row.ts';
import { stopped } from './stopped.ts';

const drain: readonly Row[] = [
  {
    verb: 'drain',
    state: 'refused',
    scene: 'nothing begun',
    words: '0,1',
    written: [],
    code: 4,
    says: ['refused by a safety rule, nothing was written', 'floor: ', 'at most 1 at a time'],
    again: { code: 4, written: [], says: 'floor: ' },
  },
  {
    verb: 'drain',
    state: 'declined',
    scene: 'a Service leads to 0 alone',
    words: '0',
    stop: { by: 'answers', keys: ['n\n'] },
    written: [],
    code: 6,
    says: ['Drain anyway?', 'not started, nothing written', '--allow-alone first does not ask'],
    again: { code: 4, written: [], says: 'nothing was written' },
  },
  ...stopped({
    verb: 'drain',
    back: 'to go back: kubectl zeroloss restore nginx',
    scene: 'nothing begun',
    words: '0',
    at: 'weights',
    kind: 'weights',
    done: 'drained',
    already: 'already drained',
  }),
  {
    verb: 'drain',
    state: 'the world disagrees',
    scene: 'nothing begun',
    words: '0 --timeout 2s',
    stop: { by: 'sleep' },
    written: ['weights'],
    code: 7,
    says: ['the weights are written, but', 'reason: the world disagrees'],
    again: { code: 0, written: [], says: 'already drained' },
  },
];

const advance: readonly Row[] = [
  {
    verb: 'advance',
    state: 'refused',
    scene: '0 drained',
    words: '',
    written: [],
    code: 4,
    says: ['nothing was written', 'batch-ready: pod/nginx-0 of this batch', 'wait-zero nginx'],
    again: { code: 4, written: [], says: 'batch-ready' },
  },
  ...stopped({
    verb: 'advance',
    back: 'to go back: kubectl zeroloss restore nginx',
    inTwo: true,
    scene: '0 drained and updated',
    words: '',
    at: 'weights',
    kind: 'weights',
    done: 'advanced',
    already: 'already advanced',
  }),
  {
    verb: 'advance',
    state: 'nothing left',
    scene: '0 and 1 updated, 1 drained',
    words: '',
    written: ['weights'],
    code: 3,
    says: ['nothing is left to advance to', 'next: kubectl zeroloss restore nginx'],
    again: { code: 3, written: [], says: 'nothing is left to advance to' },
  },
];

const restore: readonly Row[] = [
  {
    verb: 'restore',
    state: 'refused',
    scene: '0 drained',
    words: '9',
    written: [],
    code: 4,
    says: ['nothing was written', 'ordinals-exist: statefulset/nginx has no ordinal 9'],
    again: { code: 4, written: [], says: 'ordinals-exist' },
  },
  ...stopped({
    verb: 'restore',
    back: 'to see where it stands: kubectl zeroloss status nginx',
    scene: '0 drained',
    words: '',
    at: 'weights',
    kind: 'weights',
    done: 'restored',
    already: 'restored',
  }),
  {
    verb: 'restore',
    state: 'not yet: a surplus is left',
    scene: 'surged by 1',
    words: '',
    written: [],
    code: 6,
    says: ['kubectl zeroloss drain nginx 2', '--weights-only'],
    again: { code: 6, written: [], says: 'kubectl zeroloss drain nginx 2' },
  },
];

const surge: readonly Row[] = [
  {
    verb: 'surge',
    state: 'refused',
    scene: 'rolling update',
    words: '1',
    written: [],
    code: 4,
    says: ['nothing was written', 'on-delete: '],
    again: { code: 4, written: [], says: 'on-delete: ' },
  },
  ...stopped({
    verb: 'surge',
    back: 'to go back: kubectl zeroloss restore nginx',
    scene: 'nothing begun',
    words: '1',
    at: 'replicas',
    kind: 'replicas',
    done: 'surged',
    already: 'already surged',
  }),
  {
    verb: 'surge',
    state: 'conflict: another operator holds the lease',
    scene: 'another operator holds the lease',
    words: '1',
    written: [],
    code: 5,
    says: ['ada@elsewhere runs upgrade on statefulset/nginx', 'nothing was written'],
    again: { code: 5, written: [], says: 'nothing was written' },
  },
];

const rollback: readonly Row[] = [
  {
    verb: 'rollback',
    state: 'refused',
    scene: 'rolling update',
    words: '',
    written: [],
    code: 4,
    says: ['nothing was written', 'on-delete: '],
    again: { code: 4, written: [], says: 'on-delete: ' },
  },
  ...stopped({
    verb: 'rollback',
    back: 'to go back: kubectl ',
    scene: 'image set',
    words: '',
    at: 'template',
    kind: 'template',
    done: 'rolled back',
    already: 'already has this template',
  }),
];

const pausing: readonly Row[] = [
  ...stopped({
    verb: 'pause',
    back: 'to go back: kubectl zeroloss resume nginx',
    scene: 'nothing begun',
    words: '',
    at: 'annotation',
    kind: 'pause',
    done: 'paused',
    already: 'already paused',
  }),
  ...stopped({
    verb: 'resume',
    back: 'to go back: kubectl zeroloss pause nginx',
    scene: 'paused',
    words: '',
    at: 'annotation',
    kind: 'pause',
    done: 'resumed',
    already: 'not paused',
  }),
];

const scale: readonly Row[] = [
  {
    verb: 'scale',
    state: 'refused',
    scene: 'surged by 1',
    words: '1',
    written: [],
    code: 4,
    says: ['nothing was written', 'no-surge: ', 'restore nginx'],
    again: { code: 4, written: [], says: 'no-surge: ' },
  },
  {
    verb: 'scale',
    state: 'interrupted after its drain',
    scene: 'nothing begun',
    words: '1 --stable-for 3s',
    stop: { by: 'Ctrl-C', at: 'weights' },
    written: ['weights'],
    code: 130,
    says: [
      'scale was interrupted; completed writes stay, nothing more will be written',
      'to go on: the same command again',
      'to go back: kubectl zeroloss restore nginx',
    ],
    again: { code: 0, written: ['weights', 'replicas', 'pods'], says: 'scaled' },
  },
  {
    verb: 'scale',
    state: 'done',
    scene: 'nothing begun',
    words: '1 --stable-for 3s',
    written: ['replicas', 'pods'],
    code: 0,
    says: ['a StatefulSet loses its highest ordinals first: ordinal 1'],
    again: { code: 0, written: [], says: 'already scaled' },
  },
];

export const writing: readonly Row[] = [...scale, ...surge, ...drain, ...advance, ...restore, ...rollback, ...pausing];
