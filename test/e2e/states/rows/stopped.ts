/** How every verb with one write is stopped there: the states are the same, the write and the answers differ. */
import type { At, Kind, Row, Scene } from '../row.ts';

export interface OneWrite {
  verb: string;
  scene: Scene;
  words: string;
  at: At;
  /** The change that this write makes. */
  kind: Kind;
  /** The action in its result, typed once and typed again. */
  done: string;
  already: string;
  /** How to go back. */
  back: string;
  /** Two writes, one after the other: typed again, the second follows. */
  inTwo?: true;
}

export function stopped({ verb, scene, words, at, kind, done, already, back, inTwo }: OneWrite): Row[] {
  const found = { code: 0, written: [], says: already };
  const rest: Row['again'] = inTwo ? { code: 0, written: [kind], says: done } : found;
  const base = { verb, scene, words };
  return [
    {
      ...base,
      state: 'interrupted after its write',
      stop: { by: 'Ctrl-C', at },
      written: [kind],
      code: 130,
      says: [
        `${verb} was interrupted; completed writes stay, nothing more will be written`,
        'to see where it stands: kubectl zeroloss status nginx',
        'to go on: the same command again',
        back,
      ],
      again: rest,
    },
    {
      ...base,
      state: 'killed after each write',
      stop: { by: 'kill' },
      written: [kind],
      says: [],
      again: { ...found, says: already.includes(done) ? done : '' },
    },
    {
      ...base,
      state: 'timed out, its write not answered',
      words: `${words} --timeout 1s`.trim(),
      stop: { by: 'silence', at },
      written: [kind],
      code: 6,
      says: ['the time-out of 1s passed', 'was not answered', 'the same command again', back],
      again: rest,
    },
    {
      ...base,
      state: 'conflict: lost five races',
      stop: { by: 'races', at },
      written: [],
      code: 5,
      says: [
        'changed by another writer 5 times in a row; their changes were not overwritten',
        'run the same command again',
      ],
      again: { code: 0, written: [kind], says: done },
    },
    { ...base, state: 'done', written: [kind], code: 0, says: [done], again: { ...found } },
  ];
}
