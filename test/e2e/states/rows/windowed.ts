/** The loop of all verbs as a window: upgrade --max-unavailable. */
import type { Row } from '../row.ts';

const WINDOW = '--image nginx=nginx:1.25.4 --max-unavailable 1 --stable-for 3s';
const WHOLE = { code: 0, says: 'every pod is updated, ready and under traffic' };
const base = { verb: 'upgrade', scene: 'nothing begun' } as const;

export const windowed: readonly Row[] = [
  {
    ...base,
    state: 'window: refused',
    words: '--image nginx=nginx:1.25.4 --max-unavailable 2 --yes --stable-for 3s',
    written: [],
    code: 4,
    says: ['refused by a safety rule, nothing was written', 'floor: ', 'at most 1 at a time'],
    again: { code: 4, written: [], says: 'floor: ' },
  },
  {
    ...base,
    state: 'window: declined',
    words: WINDOW,
    stop: { by: 'answers', keys: ['n\n'] },
    written: [],
    code: 6,
    says: ['Start this upgrade?', 'not started, nothing written', 'to start it: the same command, answered with y'],
    again: { code: 6, written: [], says: 'not started, nothing written' },
  },
  {
    ...base,
    state: 'window: interrupted after its first drain',
    words: `${WINDOW} --yes`,
    stop: { by: 'Ctrl-C', at: 'weights' },
    written: ['template', 'weights'],
    code: 130,
    says: [
      'completed writes stay, nothing more will be written: 0 of 2 pods are updated; ordinal 0 at weight 0',
      'to go on: the same command again',
      'to go back: kubectl zeroloss rollback nginx',
    ],
    again: { ...WHOLE, written: ['weights', 'pods'] },
  },
  {
    ...base,
    state: 'window: killed after each write',
    words: `${WINDOW} --yes`,
    stop: { by: 'kill', at: ['template', 'weights', 'delete'] },
    written: ['template', 'weights', 'pods'],
    says: [],
    again: { ...WHOLE, written: ['weights', 'pods'] },
  },
  {
    ...base,
    state: 'window: timed out',
    scene: 'held by a connection',
    words: `${WINDOW} --yes --timeout 8s`,
    written: ['template', 'weights'],
    code: 6,
    says: [
      'where it stands: 0 of 2 pods are updated; ordinal 0 at weight 0',
      'to go on: the same command again',
      'to go back: ',
    ],
    again: { code: 6, written: [], says: 'where it stands: ' },
  },
  {
    ...base,
    state: 'window: conflict, another template meanwhile',
    words: `${WINDOW} --yes`,
    stop: { by: 'another image', at: 'weights' },
    written: ['template', 'weights'],
    code: 5,
    says: ['was changed by another writer during this run', 'their change was not overwritten', 'to go back: '],
    again: { ...WHOLE, written: ['template', 'weights', 'pods'] },
  },
  {
    ...base,
    state: 'window: the world disagrees',
    words: '--image nginx=nginx:image-pull-error --max-unavailable 1 --yes --stable-for 3s',
    written: ['template', 'weights', 'pods'],
    code: 7,
    says: ['pod/nginx-0 does not start', 'reason: the world disagrees', 'to go back: '],
    again: { code: 7, written: [], says: 'pod/nginx-0 does not start' },
  },
  {
    ...base,
    state: 'window: paused, as asked for',
    words: `${WINDOW} --yes --pause-at 1`,
    written: ['template', 'pods'],
    code: 0,
    says: ['paused, as asked for by --pause-at, at 1 of 2 pods: 1 of 2 pods are updated; nothing is drained'],
    again: { code: 0, written: [], says: 'already at the pause' },
  },
  {
    ...base,
    state: 'window: done',
    words: `${WINDOW} --yes`,
    written: ['template', 'pods'],
    ...WHOLE,
    says: [WHOLE.says],
    again: { code: 0, written: [], says: 'already upgraded' },
  },
];
