/** How histories are drawn: fast-check picks, and shrinks what fails. */
import fc from 'fast-check';
import {
  API_FAULTS,
  CLOUD_FAULTS,
  COUNT_FAULTS,
  type Fault,
  type History,
  JOBS,
  type Job,
  PEOPLE_FAULTS,
  type Setting,
  WORLD_FAULTS,
} from '../history.ts';

const tenths = (least: number, most: number) => fc.integer({ min: least, max: most }).map((each) => each * 100);

const anySetting: fc.Arbitrary<Setting> = fc.record({
  seed: fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
  // Small ones have every kind of trouble, and take a third of the time.
  replicas: fc.constantFrom(3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 9, 12),
  ordered: fc.boolean(),
  services: fc.constantFrom<1 | 2>(1, 1, 2),
  ports: fc.constantFrom<1 | 2>(1, 1, 2),
  sources: fc.constantFrom<Setting['sources']>('pod', 'pod', 'clb', 'pod,clb', 'metrics', 'pod,metrics'),
  protocol: fc.constantFrom<Setting['protocol']>('TCP', 'TCP', 'TCP', 'TCP', 'UDP'),
  // Waiting for points that come by the minute is most of the work of a history.
  periodSeconds: fc.constantFrom<Setting['periodSeconds']>(5, 5, 5, 10, 60),
  clients: fc.constantFrom<Setting['clients']>('plain', 'plain', 'pooled', 'persisted'),
  budget: fc.boolean(),
  lowFloor: fc.boolean(),
  gate: fc.boolean(),
  weights: fc.constantFrom<Setting['weights']>('', '', 'default', 'other-set', 'canary'),
  startMs: tenths(5, 20),
  lagMs: tenths(1, 10),
  longestMs: tenths(20, 150),
  arrivalMs: tenths(6, 50),
  reusesAddresses: fc.boolean(),
  verbose: fc.constantFrom(false, false, false, true),
});

const COUNTS_UDP = { pod: 'clb', clb: 'clb', 'pod,clb': 'clb', metrics: 'metrics', 'pod,metrics': 'metrics' } as const;

/** No source sees the flows of UDP in a pod. */
const setting = anySetting.map((each) =>
  each.protocol === 'UDP' ? { ...each, sources: COUNTS_UDP[each.sources] } : each,
);

const job: fc.Arbitrary<Job> = fc.record({
  kind: fc.constantFrom(...JOBS),
  batch: fc.integer({ min: 1, max: 4 }),
  surge: fc.integer({ min: 1, max: 2 }),
});

const kind = fc.oneof(
  fc.constantFrom(...API_FAULTS),
  fc.constantFrom(...CLOUD_FAULTS, ...COUNT_FAULTS),
  fc.constantFrom(...WORLD_FAULTS),
  fc.constantFrom(...PEOPLE_FAULTS),
);

/** Calls are many and writes are few: the dangerous moments are around the writes. */
const moment: fc.Arbitrary<Pick<Fault, 'at' | 'nth'>> = fc.oneof(
  fc.record({ at: fc.constant('write' as const), nth: fc.integer({ min: 1, max: 16 }) }),
  fc.record({ at: fc.constant('call' as const), nth: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ at: fc.constant('call' as const), nth: fc.integer({ min: 1, max: 150 }) }),
);

const fault: fc.Arbitrary<Fault> = fc
  .tuple(kind, moment, fc.integer({ min: 0, max: 99 }))
  .map(([kind, { at, nth }, size]) => ({ kind, at, nth, size: size / 100 }));

export const history: fc.Arbitrary<History> = fc.record({
  setting,
  job,
  faults: fc.array(fault, { minLength: 0, maxLength: 14, size: 'max' }),
});
