/** How histories are drawn: fast-check picks, and shrinks what fails. */
import fc from 'fast-check';
import {
  API_FAULTS,
  CLOUD_FAULTS,
  COUNT_FAULTS,
  type History,
  JOBS,
  type Job,
  PEOPLE_FAULTS,
  type Setting,
  WORLD_FAULTS,
} from '../history.ts';
import { aimed, type Unaimed } from './aim.ts';

const tenths = (least: number, most: number) => fc.integer({ min: least, max: most }).map((each) => each * 100);

const anySetting: fc.Arbitrary<Setting> = fc.record({
  seed: fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
  // Small ones have every kind of trouble, and take a third of the time.
  replicas: fc.constantFrom(3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 6, 7, 9, 12),
  ordered: fc.boolean(),
  services: fc.constantFrom<1 | 2>(1, 1, 2),
  ports: fc.constantFrom<1 | 2>(1, 1, 2),
  sources: fc.constantFrom<Setting['sources']>('pod', 'pod', 'clb', 'pod,clb', 'metrics', 'pod,metrics'),
  protocol: fc.constantFrom<Setting['protocol']>('TCP', 'TCP', 'TCP', 'TCP', 'UDP'),
  // Waiting for points that come by the minute is most of the work of a history.
  periodSeconds: fc.constantFrom<Setting['periodSeconds']>(5, 5, 5, 5, 5, 10, 60),
  layer7: fc.constantFrom(false, false, false, true),
  clients: fc.constantFrom<Setting['clients']>('plain', 'plain', 'pooled', 'persisted', 'returning'),
  budget: fc.boolean(),
  lowFloor: fc.boolean(),
  gate: fc.boolean(),
  weights: fc.constantFrom<Setting['weights']>('', '', 'default', 'other-set', 'canary'),
  defaults: fc.constantFrom<Setting['defaults']>('', '', '', '', '', 'floor', 'counting', 'patient', 'batch', 'window'),
  startMs: tenths(5, 20),
  lagMs: tenths(1, 10),
  longestMs: tenths(20, 150),
  arrivalMs: tenths(6, 50),
  reusesAddresses: fc.boolean(),
  verbose: fc.constantFrom(false, false, false, true),
});

const COUNTS_UDP = { pod: 'clb', clb: 'clb', 'pod,clb': 'clb', metrics: 'metrics', 'pod,metrics': 'metrics' } as const;

/** No source sees the flows of UDP in a pod, and layer 7 is carried by TCP. */
const setting = anySetting.map((each) =>
  each.protocol === 'UDP' ? { ...each, layer7: false, sources: COUNTS_UDP[each.sources] } : each,
);

const job: fc.Arbitrary<Job> = fc.record({
  kind: fc.constantFrom(...JOBS),
  batch: fc.integer({ min: 1, max: 4 }),
  surge: fc.integer({ min: 1, max: 2 }),
  surges: fc.constantFrom(false, false, true),
  isShare: fc.boolean(),
  renews: fc.constantFrom<Job['renews']>('image', 'image', 'restart', 'both'),
  busyAfter: fc.boolean(),
  evict: fc.constantFrom(false, false, true),
});

/** Of each group as many as its weight; those of people are the most kinds. */
const kind = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...API_FAULTS) },
  { weight: 2, arbitrary: fc.constantFrom(...CLOUD_FAULTS, ...COUNT_FAULTS) },
  { weight: 4, arbitrary: fc.constantFrom(...WORLD_FAULTS) },
  { weight: 6, arbitrary: fc.constantFrom(...PEOPLE_FAULTS) },
);

/** Calls are many and writes are few: the dangerous moments are around the writes. */
const moment: fc.Arbitrary<Pick<Unaimed, 'at' | 'nth' | 'isAimed'>> = fc.oneof(
  fc.record({ at: fc.constant('write' as const), nth: fc.integer({ min: 1, max: 16 }), isAimed: fc.constant(false) }),
  fc.record({ at: fc.constant('call' as const), nth: fc.integer({ min: 1, max: 60 }), isAimed: fc.constant(false) }),
  fc.record({ at: fc.constant('call' as const), nth: fc.integer({ min: 1, max: 150 }), isAimed: fc.constant(false) }),
  // Verbs that run once, and shortly, would otherwise meet next to nothing.
  {
    weight: 2,
    arbitrary: fc.record({
      at: fc.constant('call' as const),
      nth: fc.integer({ min: 1, max: 12 }),
      isAimed: fc.constant(true),
    }),
  },
  fc.record({ at: fc.constant('write' as const), nth: fc.integer({ min: 1, max: 3 }), isAimed: fc.constant(true) }),
);

const hundredths = fc.integer({ min: 0, max: 99 }).map((each) => each / 100);

const fault: fc.Arbitrary<Unaimed> = fc
  .tuple(kind, moment, hundredths, hundredths)
  .map(([kind, moment, share, size]) => ({ kind, ...moment, share, size }));

export const history: fc.Arbitrary<History> = fc
  .record({ setting, job, faults: fc.array(fault, { minLength: 0, maxLength: 14, size: 'max' }) })
  .map(({ faults, ...rest }) => ({ ...rest, faults: faults.map((each) => aimed(each, rest.job.kind)) }));
