/** The flags that the operator types in every job of a history, as far as the workload brings no default of its own. */
import type { History, Setting } from '../history.ts';
import { DEFAULT_FLOOR, defaultFlags, GAUGE, PATIENT_SECONDS } from '../world/defaults.ts';
import { NEW_IMAGE, OLD_IMAGE, TARGET } from '../world/stage.ts';

/** As `check` asks: it outlasts the sessions that bring clients back to a drained pod. */
export const stableFor = ({ clients }: Setting): string => (clients === 'returning' ? `${PATIENT_SECONDS}s` : '2s');

type Words = readonly string[];

export interface JobWords {
  /** Pods at a time: as many as the floor allows. */
  size: number;
  zero: Words;
  timeout: Words;
  least: Words;
  evict: Words;
  batch: Words;
  window: Words;
  /** Of a window: a pod that stays busy is put off. */
  late: Words;
  /** Where the job leaves a surplus open. */
  surge: Words;
  image: Words;
  /** Where the job leaves the next revision open, and the image of every pod then. */
  renewal: { words: Words; image: string };
  /** Of a restart, with or without a new image. */
  restart: { words: Words; image: string };
}

export function wordsOf({ job, setting }: Pick<History, 'job' | 'setting'>): JobWords {
  const { replicas } = setting;
  const defaults = defaultFlags(setting);
  const unless = (name: string, ...texts: string[]): Words =>
    defaults[name] === texts[0] ? [] : [`--${name}`, ...texts];
  const isPatient = defaults['stable-for'] !== undefined;
  const isReturning = setting.clients === 'returning';
  // Points of ten seconds and more are minutes late.
  const isSlow = setting.sources.includes('clb') && setting.periodSeconds >= 10;
  // A person asks the plan first.
  const share = setting.defaults === 'floor' ? DEFAULT_FLOOR : 0.5;
  const usual = Math.ceil(share * replicas);
  const floor = setting.lowFloor ? Math.ceil(0.3 * replicas) : setting.budget ? Math.max(usual, replicas - 1) : usual;
  const size = Math.max(1, Math.min(job.batch, replicas - floor));
  const image = ['--image', `${TARGET}=${NEW_IMAGE}`];
  const both = { words: ['--restart', ...image], image: NEW_IMAGE };
  const again = { words: ['--restart'], image: OLD_IMAGE };
  const renewals = { image: { words: image, image: NEW_IMAGE }, restart: again, both };
  return {
    size,
    zero: [
      ...(isPatient ? [] : ['--stable-for', stableFor(setting)]),
      ...unless('source', setting.sources),
      ...(setting.sources.includes('metrics') ? unless('metric', GAUGE) : []),
    ],
    timeout: ['--timeout', isSlow ? '6m' : isReturning || isPatient ? '4m' : '1m'],
    least: setting.lowFloor ? ['--min-serving', '30%'] : [],
    evict: job.evict ? ['--evict'] : [],
    batch: setting.defaults === 'batch' ? [] : ['--batch', String(size)],
    window:
      setting.defaults === 'window'
        ? []
        : ['--max-unavailable', job.isShare ? `${Math.ceil((100 * size) / replicas)}%` : String(size)],
    late: job.busyAfter ? ['--busy-after', isReturning || isPatient ? '50s' : '8s'] : [],
    surge: job.surges ? ['--surge', String(job.surge)] : [],
    image,
    renewal: renewals[job.renews],
    restart: job.renews === 'both' ? both : again,
  };
}
