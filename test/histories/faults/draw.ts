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
  READS,
  type Setting,
  VERBS_OF,
  WORLD_FAULTS,
} from '../history.ts';

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
  busyAfter: fc.boolean(),
  evict: fc.constantFrom(false, false, true),
});

const kind = fc.oneof(
  fc.constantFrom(...API_FAULTS),
  fc.constantFrom(...CLOUD_FAULTS, ...COUNT_FAULTS),
  fc.constantFrom(...WORLD_FAULTS),
  fc.constantFrom(...PEOPLE_FAULTS),
);

/** Of the verbs of a job: which of them, as a share of their number. */
const share = fc.integer({ min: 0, max: 99 }).map((each) => each / 100);

/** Calls are many and writes are few: the dangerous moments are around the writes. */
const moment: fc.Arbitrary<Pick<Fault, 'at' | 'nth'> & { share?: number }> = fc.oneof(
  fc.record({ at: fc.constant('write' as const), nth: fc.integer({ min: 1, max: 16 }) }),
  fc.record({ at: fc.constant('call' as const), nth: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ at: fc.constant('call' as const), nth: fc.integer({ min: 1, max: 150 }) }),
  // Verbs that run once, and shortly, would otherwise meet next to nothing.
  fc.record({ at: fc.constant('call' as const), nth: fc.integer({ min: 1, max: 12 }), share }),
  fc.record({ at: fc.constant('write' as const), nth: fc.integer({ min: 1, max: 3 }), share }),
);

type Drawn = Omit<Fault, 'of'> & { share: number | undefined };

const fault: fc.Arbitrary<Drawn> = fc
  .tuple(kind, moment, fc.integer({ min: 0, max: 99 }))
  .map(([kind, { at, nth, share }, size]) => ({ kind, at, nth, share, size: size / 100 }));

/** A verb that writes nothing is struck at its calls. */
function ofVerb({ share, ...fault }: Drawn, verbs: readonly string[]): Fault {
  const of = share === undefined ? undefined : verbs[Math.floor(share * verbs.length)];
  return { ...fault, of, at: of !== undefined && READS.has(of) ? 'call' : fault.at };
}

export const history: fc.Arbitrary<History> = fc
  .record({ setting, job, faults: fc.array(fault, { minLength: 0, maxLength: 14, size: 'max' }) })
  .map(({ faults, ...rest }) => ({ ...rest, faults: faults.map((each) => ofVerb(each, VERBS_OF[rest.job.kind])) }));
