/** The parts that all controllers share: copies of the resources they watch, and a queue of keys to reconcile. */
import type { Clock, Kube, KubeObject, Resource } from '../../lib/ports.ts';
import { type Informer, startInformer } from '../common/informer.ts';
import type { Running } from '../common/running.ts';
import { systemClock } from '../common/system-clock.ts';
import { startWorker } from '../common/work-queue.ts';
import type { ControllerOptions } from './controller-types.ts';

const RETRY_DELAY_MS = 100;

export type Copies<Name extends string> = Readonly<Record<Name, Pick<Informer, 'list' | 'get'>>>;

export interface Workbench<Name extends string> {
  kube: Kube;
  clock: Clock;
  log: (line: string) => void;
  /** Local copies of what is watched; their objects must not be changed. */
  copies: Copies<Name>;
  enqueue(key: string, afterMs?: number): void;
}

export interface Controller<Name extends string> {
  /** Names the controller in logs and Events. */
  component: string;
  watches: Readonly<Record<Name, Resource>>;
  /** The keys to look at after `object` (of the watch `name`) appeared, changed or went away. */
  keysAfter(name: Name, object: KubeObject, copies: Copies<Name>): Iterable<string>;
  /** Makes the world agree with one key's object. It is called again after whatever it throws. */
  reconcile(key: string, bench: Workbench<Name>): Promise<void>;
}

/** Starts a controller for all namespaces; nothing is reconciled before every first list is in. */
export function startController<Name extends string>(
  kube: Kube,
  controller: Controller<Name>,
  { log = () => undefined, clock = systemClock }: ControllerOptions,
): Running {
  const report = (error: unknown, what = 'watch'): void =>
    log(`${controller.component}: ${what}: ${error instanceof Error ? error.message : String(error)}`);

  const started = Promise.withResolvers<Workbench<Name>>();
  started.promise.catch(() => undefined); // Stopped before the first lists: there is nothing to reconcile.
  const worker = startWorker(async (key) => controller.reconcile(key, await started.promise), {
    retryDelayMs: RETRY_DELAY_MS,
    onError: report,
    clock,
  });

  const informers = Object.fromEntries(
    (Object.entries(controller.watches) as [Name, Resource][]).map(([name, resource]) => {
      const route = (object: KubeObject): void => {
        for (const key of controller.keysAfter(name, object, informers)) worker.enqueue(key);
      };
      const handlers = { onUpsert: route, onDelete: route };
      return [name, startInformer(kube, resource, { namespace: '*' }, handlers, { onError: report, clock })];
    }),
  ) as Record<Name, Informer>;
  const all = Object.values<Informer>(informers);
  Promise.all(all.map((informer) => informer.synced)).then(
    () => started.resolve({ kube, clock, log, copies: informers, enqueue: worker.enqueue }),
    (error: unknown) => started.reject(error),
  );

  return {
    async stop() {
      await Promise.all([...all, worker].map((part) => part.stop()));
    },
  };
}
