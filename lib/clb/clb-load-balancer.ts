/** The LoadBalancer port over the cloud's API: four calls per balancer, however many pods it has. */

import { CloudError, ConnectionError } from '../core/errors.ts';
import { type NodeLabels, resolveRegion } from '../core/values/region.ts';
import type { BalancerRef, BalancerState, Clock, ListenerState, LoadBalancer } from '../ports.ts';
import { joinListener } from './balancer/join-listener.ts';
import {
  type AskedBalancer,
  type BalancerIdentity,
  notThere,
  parseBalancer,
  vpcIdOf,
} from './balancer/parse-balancer.ts';
import { HEALTH_NOT_ASKED, parseHealth } from './balancer/parse-health.ts';
import { isGroup, type ListenerSettings, parseListeners } from './balancer/parse-listener.ts';
import { parseTargets } from './balancer/parse-targets.ts';
import { readBindings } from './balancer/read-bindings.ts';
import { readManyBindings } from './balancer/read-many-bindings.ts';
import type { AnswerObject } from './calls/cloud-answer.ts';
import { createMemo } from './calls/memo.ts';
import type { Cloud } from './cloud.ts';
import { tryActions } from './try-actions.ts';

export interface LoadBalancerOptions {
  /** Labels of the cluster's nodes, asked for only when nothing else names a region. */
  nodeLabels?: (options: { signal?: AbortSignal | undefined }) => Promise<readonly NodeLabels[]>;
}

/** Names and settings are used again this long; weights and health are read every time. */
const SETTINGS_TTL_MS = 30_000;
/** DescribeTargets takes at most so many listeners (CLB API 2018-03-17). */
const LISTENERS_PER_CALL = 20;

interface Settings {
  identity: BalancerIdentity;
  vpcId: string | undefined;
  listeners: readonly ListenerSettings[];
}

/** Region by `resolveRegion`, proved by finding the balancer there. Throws as the port says; an answer with holes is a CloudError. */
export function createLoadBalancer(
  cloud: Cloud,
  clock: Clock,
  options: LoadBalancerOptions = {},
): Required<LoadBalancer> {
  const memo = createMemo<Settings>(clock, SETTINGS_TTL_MS);
  const settingsOf = (asked: AskedBalancer, signal: AbortSignal | undefined) =>
    memo.get(`${asked.region} ${asked.id}`, () => readSettings(cloud, asked, signal));
  const port: Required<LoadBalancer> = {
    async bindingsOf(balancer, addresses, { signal, seen } = {}) {
      const asked = await locate(cloud, balancer, options, signal);
      const { vpcId } = await settingsOf(asked, signal);
      const observe = (id: string) =>
        port.observe({ id, region: asked.region }, signal === undefined ? {} : { signal });
      const many = seen && (await readManyBindings(cloud, asked, addresses, { seen, observe, vpcId, signal }));
      return many ?? readBindings(cloud, asked, vpcId, addresses, signal);
    },
    async tryActions(balancer, { signal } = {}) {
      return tryActions(cloud, await locate(cloud, balancer, options, signal), clock, signal);
    },
    async observe(balancer, { signal, health = true } = {}) {
      const asked = await locate(cloud, balancer, options, signal);
      const read = (wantsHealth: boolean) =>
        readOnce(cloud, clock, asked, { settingsOf: () => settingsOf(asked, signal), wantsHealth, signal });
      try {
        return await read(health);
      } catch (error) {
        // A listener or rule may have come or gone since its settings were read: once more, from fresh ones and with every detail.
        if (!(error instanceof CloudError) || error.code !== 'MalformedAnswer') throw error;
        memo.forget(`${asked.region} ${asked.id}`);
        return await read(true);
      }
    },
  };
  return port;
}

async function locate(
  cloud: Cloud,
  balancer: BalancerRef,
  options: LoadBalancerOptions,
  signal: AbortSignal | undefined,
): Promise<AskedBalancer> {
  const evidence = { ...cloud.regions, annotation: balancer.region };
  const known = Object.values(evidence).some((text) => text !== undefined && text.trim() !== '');
  const nodes = known ? [] : await options.nodeLabels?.({ signal });
  const answer = resolveRegion({ ...evidence, nodes });
  if (answer.region === undefined) {
    throw new ConnectionError(`the region of load balancer ${balancer.id} is not known: ${answer.because}`, {
      hint: 'name it, for example --region ap-guangzhou, or export TENCENTCLOUD_REGION',
    });
  }
  return { id: balancer.id, region: answer.region, regionFrom: answer.from };
}

async function readSettings(cloud: Cloud, asked: AskedBalancer, signal: AbortSignal | undefined): Promise<Settings> {
  const { id, region } = asked;
  // The balancer first: in a wrong region it must be the region that is reported, not a listener.
  const found = await cloud
    .call('clb', 'DescribeLoadBalancers', { LoadBalancerIds: [id] }, { region, signal })
    .catch((error: unknown) => {
      const isMissing = error instanceof CloudError && /LBIdNotFound|ResourceNotFound/.test(error.code);
      throw isMissing ? notThere(asked, error.requestId) : error;
    });
  const identity = parseBalancer(found, asked);
  const listeners = await cloud.call('clb', 'DescribeListeners', { LoadBalancerId: id }, { region, signal });
  return { identity, vpcId: vpcIdOf(found, asked), listeners: parseListeners(listeners, id) };
}

async function readOnce(
  cloud: Cloud,
  clock: Clock,
  asked: AskedBalancer,
  options: { settingsOf: () => Promise<Settings>; wantsHealth: boolean; signal: AbortSignal | undefined },
): Promise<BalancerState> {
  const { settingsOf, wantsHealth, signal } = options;
  const observedAtMs = clock.now();
  const { identity, listeners } = await settingsOf();
  // The targets of a target group show up in the health answer only.
  const needsHealth = wantsHealth || listeners.some(({ state }) => isGroup(state.targetType));
  const [targets, health] = await Promise.all([
    readTargets(cloud, asked, listeners, signal),
    needsHealth
      ? cloud.call('clb', 'DescribeTargetHealth', { LoadBalancerIds: [asked.id] }, { region: asked.region, signal })
      : undefined,
  ]);
  const answers = { listeners, targets, health };
  const known = joins.get(listeners)?.find((join) => isSameJoin(join, answers));
  if (known !== undefined) return { ...identity, listeners: known.joined, observedAtMs };
  const joined = joinAll(asked.id, answers);
  if ([...targets, health].every(Object.isFrozen))
    joins.set(listeners, [{ ...answers, joined }, ...(joins.get(listeners) ?? [])].slice(0, 2));
  return { ...identity, listeners: joined, observedAtMs };
}

interface Answers {
  listeners: readonly ListenerSettings[];
  targets: readonly AnswerObject[];
  health: AnswerObject | undefined;
}

/** Of the same settings, the last joins with and without health: a cloud in memory gives the very same answers until something changes. */
const joins = new WeakMap<readonly ListenerSettings[], readonly (Answers & { joined: readonly ListenerState[] })[]>();

const isSameJoin = (one: Answers, other: Answers): boolean =>
  one.health === other.health && one.targets.every((answer, index) => answer === other.targets[index]);

function joinAll(id: string, { listeners, targets, health }: Answers): readonly ListenerState[] {
  const shown = new Map(targets.flatMap((answer) => [...parseTargets(answer, listeners, id)]));
  const view = health === undefined ? HEALTH_NOT_ASKED : parseHealth(health, id);
  return listeners.map((listener) => joinListener(listener, shown.get(listener.state.id), view));
}

async function readTargets(
  cloud: Cloud,
  { id, region }: AskedBalancer,
  listeners: readonly ListenerSettings[],
  signal: AbortSignal | undefined,
): Promise<readonly AnswerObject[]> {
  const ids = listeners.map((listener) => listener.state.id);
  const batches = Array.from({ length: Math.ceil(ids.length / LISTENERS_PER_CALL) }, (_, index) =>
    ids.slice(index * LISTENERS_PER_CALL, (index + 1) * LISTENERS_PER_CALL),
  );
  return Promise.all(
    batches.map((batch) =>
      cloud.call('clb', 'DescribeTargets', { LoadBalancerId: id, ListenerIds: batch }, { region, signal }),
    ),
  );
}
