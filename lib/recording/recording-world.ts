/** A World that records itself: progress, pods, weights, samples, writes. Flows do and see the same. */

import { clusterName } from '../core/story/about.ts';
import { RECORDING_FORMAT } from '../core/story/recording.ts';
import type { Advice } from '../core/values/command.ts';
import { formatTime } from '../core/values/time.ts';
import { type WindowView, windowLine } from '../core/window/window-view.ts';
import { overriding } from '../ports/overriding.ts';
import type {
  BackendHealth,
  BalancerState,
  ConnectionSource,
  LoadBalancer,
  Reporter,
  Series,
  World,
} from '../ports.ts';
import type { RecordingFile } from './recording-file.ts';
import { type AddressBook, type Note, recordingKube } from './recording-kube.ts';

export interface Recording {
  verb: string;
  target: string;
  file: RecordingFile;
}

/** Writes the `begin` line, and returns the world to work in. */
export function recordingWorld(world: World, { verb, target, file }: Recording): World {
  const note: Note = (line) => file.append({ at: formatTime(world.clock.now()), ...line });
  const addresses: AddressBook = new Map();
  note({
    kind: 'begin',
    format: RECORDING_FORMAT,
    verb,
    target: { namespace: world.kube.namespace, name: target },
    operator: world.operator ?? '',
    ...(world.place === undefined ? {} : { cluster: clusterName(world.place) }),
  });
  return {
    ...world,
    kube: recordingKube(world.kube, target, addresses, note),
    balancer: recordingBalancer(world.balancer, addresses, note),
    sources: world.sources.map((source) => recordingSource(source, note)),
    report: recordingReporter(world.report, note),
  };
}

function recordingReporter(report: Reporter, note: Note): Reporter {
  let last = '';
  return overriding(report, {
    ...(report.window === undefined
      ? {}
      : {
          window: (view: WindowView) => {
            const line = windowLine(view);
            if (line !== last) note({ kind: 'progress', line });
            last = line;
            report.window?.(view);
          },
        }),
    progress: (line: string) => {
      note({ kind: 'progress', line });
      report.progress(line);
    },
    warn: (line: string | Advice) => {
      note({ kind: 'warning', line: String(line) });
      report.warn(line);
    },
  });
}

function recordingBalancer(balancer: LoadBalancer, addresses: AddressBook, note: Note): LoadBalancer {
  const known = new Map<string, { weight: number; health: BackendHealth }>();
  return overriding(balancer, {
    observe: async (...call: Parameters<LoadBalancer['observe']>): Promise<BalancerState> => {
      const state = await balancer.observe(...call);
      for (const listener of state.listeners) {
        for (const { address, weight, health } of listener.backends) {
          const pod = addresses.get(address);
          if (pod === undefined) continue;
          const place = { pod, balancer: state.id, listener: `${listener.protocol}/${listener.port}` };
          const key = JSON.stringify(place);
          const before = known.get(key);
          // A read that did not ask for health says nothing new about it.
          const seen = { weight, health: call[1]?.health === false ? (before?.health ?? health) : health };
          if (before?.weight !== seen.weight || before.health !== seen.health)
            note({ kind: 'weight', ...place, ...seen });
          known.set(key, seen);
        }
      }
      return state;
    },
  });
}

function recordingSource(source: ConnectionSource, note: Note): ConnectionSource {
  const newest = new Map<string, number>();
  return overriding(source, {
    read: async (...call: Parameters<ConnectionSource['read']>): Promise<readonly Series[]> => {
      const all = await source.read(...call);
      for (const { backend, points } of all) {
        const listener = `${backend.listener.protocol}/${backend.listener.port}`;
        const key = `${backend.podUid} ${backend.balancer.id} ${listener} ${backend.port}`;
        const seen = newest.get(key) ?? Number.NEGATIVE_INFINITY;
        for (const point of points.filter(({ atMs }) => atMs > seen)) {
          const of = formatTime(point.atMs);
          note({ kind: 'sample', pod: backend.pod, source: source.name, listener, of, connections: point.value });
        }
        newest.set(key, points.at(-1)?.atMs ?? seen);
      }
      return all;
    },
  });
}
