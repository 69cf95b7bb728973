/** A World that keeps count of how far the verb is: from the pods, Services and Events that pass through it. */
import { factsOf } from '../core/facts/facts.ts';
import { readService } from '../core/facts/service-facts.ts';
import { podsOf, type VerbProgress } from '../core/status/upgrade-metrics.ts';
import { readStatefulSet } from '../core/target/stateful-set-facts.ts';
import { overriding } from '../ports/overriding.ts';
import { EVENTS, PODS, SERVICES, STATEFUL_SETS } from '../ports/resources.ts';
import type { KubeObject, World } from '../ports.ts';

/** The same world. `progress` is changed in place, and `changed` called after each change. */
export function measuringWorld(world: World, progress: VerbProgress, changed: () => void): World {
  const since = new Map<number, number>();
  let set: KubeObject | undefined;
  let services: readonly KubeObject[] | undefined;
  const nowMs = () => world.clock.now();

  const look = (pods: readonly KubeObject[]) => {
    if (set === undefined || services === undefined) return;
    const target = { set: readStatefulSet(set), services: services.map(readService), pods };
    const facts = factsOf(target, { unreadable: 'report' });
    for (const ordinal of since.keys()) if (!facts.drainSet.includes(ordinal)) since.delete(ordinal);
    for (const ordinal of facts.drainSet) if (!since.has(ordinal)) since.set(ordinal, nowMs());
    const waits = [...since.values()].map((atMs) => Math.floor((nowMs() - atMs) / 1000));
    Object.assign(progress, podsOf(facts), { longestWaitSeconds: Math.max(0, ...waits) });
    changed();
  };

  const { confirm } = world;
  return {
    ...world,
    kube: overriding(world.kube, {
      async get(resource, name, options) {
        const found = await world.kube.get(resource, name, options);
        if (resource === STATEFUL_SETS && name === progress.statefulSet) set = found;
        return found;
      },
      async list(resource, options) {
        const found = await world.kube.list(resource, options);
        if (resource === SERVICES) services = found.items;
        if (resource === PODS) look(found.items);
        return found;
      },
      async create(resource, object, options) {
        const made = await world.kube.create(resource, object, options);
        if (resource === EVENTS) {
          progress.lastStepSeconds = Math.floor(nowMs() / 1000);
          changed();
        }
        return made;
      },
    }),
    ...(confirm === undefined
      ? {}
      : {
          confirm: async (question: string) => {
            progress.state = 'asking';
            changed();
            try {
              return await confirm(question);
            } finally {
              progress.state = 'running';
              changed();
            }
          },
        }),
  };
}
