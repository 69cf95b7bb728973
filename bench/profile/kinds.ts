/** Sorts the samples of a CPU profile of Node by the kind of work that they fell into. */

/** The parts of a .cpuprofile that are read here (Chrome DevTools Protocol, Profiler.Profile); times in microseconds. */
export interface CpuProfile {
  nodes: readonly {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: readonly number[];
  }[];
  samples: readonly number[];
  timeDeltas: readonly number[];
}

/** In the order of the table. */
export const KINDS = [
  'Node itself, before and after the program',
  'compiling',
  'garbage collection',
  'https, tls and certificates',
  'requests and answers',
  'output streams',
  'finding and loading modules',
  'the top level of its modules',
  'its functions',
] as const;
export type Kind = (typeof KINDS)[number];

type Frame = CpuProfile['nodes'][number]['callFrame'];

const isOurs = ({ url }: Frame): boolean => url.startsWith('file:');

/** The first that fits a frame names its kind; a frame that none fits belongs to its caller. */
const SIGNS: readonly [(frame: Frame) => boolean, Kind][] = [
  [({ functionName }) => functionName === '(garbage collector)', 'garbage collection'],
  [({ functionName }) => /^(wrapSafe|compileForInternalLoader|compileFunction\w*)$/.test(functionName), 'compiling'],
  [({ url }) => /^node:(internal\/)?(_?tls|https|crypto|net|dns|_tls_\w+)\b/.test(url), 'https, tls and certificates'],
  [({ url }) => /^node:(_http_\w+|internal\/http|http|zlib)$/.test(url), 'requests and answers'],
  [({ url }) => /^node:(tty|internal\/console\b|internal\/bootstrap\/switches\/)/.test(url), 'output streams'],
  [({ url }) => url.startsWith('node:internal/modules/'), 'finding and loading modules'],
  // A module runs as a function without a name that begins where the file does.
  [(frame) => isOurs(frame) && frame.functionName === '' && frame.lineNumber === 0, 'the top level of its modules'],
  [(frame) => isOurs(frame), 'its functions'],
];

/** Milliseconds of each kind. Waiting counts nowhere. */
export function timesOf({ nodes, samples, timeDeltas }: CpuProfile): ReadonlyMap<Kind, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child): [number, number] => [child, id])),
  );
  const kinds = new Map<number, Kind | undefined>();
  const kindOf = (id: number): Kind | undefined => {
    if (kinds.has(id)) return kinds.get(id);
    const frame = byId.get(id)?.callFrame;
    const caller = callers.get(id);
    const inherited = caller === undefined ? KINDS[0] : kindOf(caller);
    const isIdle = frame === undefined || frame.functionName === '(idle)';
    const kind = isIdle ? undefined : (SIGNS.find(([fits]) => fits(frame))?.[1] ?? inherited);
    kinds.set(id, kind);
    return kind;
  };
  const times = new Map<Kind, number>(KINDS.map((kind) => [kind, 0]));
  for (const [place, id] of samples.entries()) {
    const kind = kindOf(id);
    if (kind !== undefined) times.set(kind, (times.get(kind) ?? 0) + (timeDeltas[place] ?? 0) / 1000);
  }
  return times;
}
