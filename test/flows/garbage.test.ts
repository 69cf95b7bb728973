/** Objects of the cluster with anything in any place: a verb answers, or fails in words; it never stumbles over their shape. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { StatusError, ZerolossError } from '../../lib/core/errors.ts';
import { check } from '../../lib/flows/verbs/check.ts';
import { drain } from '../../lib/flows/verbs/drain.ts';
import { history } from '../../lib/flows/verbs/history.ts';
import { plan } from '../../lib/flows/verbs/plan.ts';
import { rollback } from '../../lib/flows/verbs/rollback.ts';
import { status } from '../../lib/flows/verbs/status.ts';
import { surge } from '../../lib/flows/verbs/surge.ts';
import { verify } from '../../lib/flows/verbs/verify.ts';
import { overriding } from '../../lib/ports/overriding.ts';
import type { Kube, KubeObject, World } from '../../lib/ports.ts';
import { mutated } from '../fakes/mutate.ts';
import { budget, controllerConfig, wish } from './check/cases.ts';
import { common, rehearse } from './rehearsal/rehearsal.ts';

const OTHERS: readonly KubeObject[] = [
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'nginx', namespace: 'default' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx' } },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      defaultBackend: { service: { name: 'nginx', port: { number: 80 } } },
      rules: [{ http: { paths: [{ backend: { service: { name: 'nginx' } } }] } }],
    },
  },
  budget('a', 1),
  controllerConfig({ VERSION: 'v2.3.0' }),
];

/** The client refuses metadata of another shape (lib/kube/api/object-shape.ts): what is left of it is mutated alone. */
function without(object: KubeObject): { rest: object; back: (rest: object) => KubeObject } {
  const { metadata, ...rest } = object;
  return { rest, back: (changed) => ({ ...changed, metadata }) };
}

/** A kube whose answers have one object, chosen by `seed`, with one value replaced. */
function lying(kube: Kube, kind: string, seed: number): Kube {
  const change = (object: KubeObject): KubeObject => {
    if (object['kind'] !== kind) return object;
    const { rest, back } = without(object);
    return back(fc.sample(mutated(rest), { seed, numRuns: 1 })[0] ?? rest);
  };
  return overriding(kube, {
    get: async (...call) => change(await kube.get(...call)),
    list: async (...call) => {
      const { items, ...list } = await kube.list(...call).catch((error: Error) => {
        // The fake's own way to refuse a selector; a server answers with a Status.
        throw error instanceof ZerolossError ? error : new StatusError(400, 'BadRequest', error.message);
      });
      const chosen = seed % Math.max(1, items.length);
      return { ...list, items: items.map((item, index) => (index === chosen ? change(item) : item)) };
    },
  });
}

const dry = { ...common, timeoutMs: 1, dryRun: 'client' as const };
const VERBS: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  status: (world) => status(world, common),
  check: (world) => check(world, wish),
  history: (world) => history(world, common),
  plan: (world) =>
    plan(world, {
      ...common,
      timeoutMs: 1,
      images: {},
      batch: 1,
      surge: 0,
      soakMs: 0,
      countingWords: [],
      stableForMs: 1,
    }),
  drain: (world) => drain(world, { ...dry, ordinals: [0] }),
  surge: (world) => surge(world, { ...dry, count: 1, dark: false }),
  rollback: (world) => rollback(world, dry as never),
  verify: (world) => verify(world, { ...dry, forMs: 0 } as never),
};

describe('law: with any content in an object of the cluster, a verb answers or fails in words', () => {
  for (const kind of ['StatefulSet', 'Service', 'Pod', ...OTHERS.map((each) => String(each['kind']))]) {
    it(kind, async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...Object.keys(VERBS)), fc.nat(), async (verb, seed) => {
          const { world, kube } = rehearse({ replicas: 3 });
          for (const other of OTHERS) kube.put(other);
          try {
            await VERBS[verb]?.(overriding(world, { kube: lying(world.kube, kind, seed) }));
          } catch (error) {
            if (error instanceof ZerolossError) return;
            assert.fail(`${verb}: ${error instanceof Error ? error.stack : error}`);
          }
        }),
        { numRuns: 200 },
      );
    });
  }
});
