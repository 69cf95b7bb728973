/** The load balancer's own settings and what it shows of the pods. */

import { disagreement, isServing } from '../facts/backends.ts';
import type { BalancerState, ListenerState } from '../facts/balancer-state.ts';
import { listenerRules, otherBindingRule, servingRule } from '../safety/rules.ts';
import { kubectl, own } from '../values/command.ts';
import { formatDuration } from '../values/duration.ts';
import type { Known } from '../values/known.ts';
import type { CheckFacts, CloudFacts } from './check-facts.ts';
import { type Finding, fail, graded, ok, some, warn } from './findings.ts';

interface Place {
  at: string;
  balancer: BalancerState;
  listener: ListenerState;
}

export function balancerFindings(facts: CheckFacts, cloud: Known<CloudFacts>): Finding[] {
  if (!cloud.known) return [unreadable(cloud.because)];
  const { balancers, bindings } = cloud.value;
  if (balancers.length === 0) return [unbound(facts.set.name)];
  const refusals = [
    ...balancers.flatMap(({ service, balancer }) => listenerRules(service, balancer)),
    ...servingRule(bindings, facts.set.name),
  ];
  const places = placesOf(cloud.value);
  const isBound = bindings.some((binding) => binding.bindings.length > 0);
  const isEmpty = places.some(({ listener }) => listener.backends.length === 0);
  return [
    ...graded('load balancer', refusals, {
      'no-reschedule': 'weight 0 leaves existing connections alone on every listener',
      'no-target-group': 'no listener is bound to a target group',
      ...(isBound && !isEmpty
        ? {
            'some-weight': 'every listener has backends with weight',
            'some-healthy': 'every listener has healthy backends',
          }
        : {}),
    }),
    ...otherFindings(facts, cloud.value),
    ...runningFindings(balancers.map(({ balancer }) => balancer)),
    ...(isBound ? [] : [unbound(facts.set.name)]),
    ...(bindings.length > 0 ? [...boundFindings(cloud.value), ...healthFindings(cloud.value)] : []),
    ...places.flatMap(({ listener, at }) => [...schedulerFindings(listener, at), ...resetFindings(listener, at)]),
    persistenceFinding(facts, places),
  ];
}

const unreadable = (because: string): Finding =>
  fail(
    'load balancer',
    'balancer-readable',
    `the load balancers cannot be read, and drain and recreate need what they show: ${because}`,
  );

const unbound = (name: string): Finding =>
  warn(
    'load balancer',
    'backends-bound',
    `no load balancer binds a pod of statefulset/${name}: weights and health are unknown`,
  );

/** The findings about the load balancers alone, where the StatefulSet is not known and the state of its pods is unknown. */
export function listenerFindings(balancers: Known<CloudFacts['balancers']>): Finding[] {
  if (!balancers.known) return [unreadable(balancers.because)];
  const refusals = balancers.value.flatMap(({ service, balancer }) => listenerRules(service, balancer));
  return [
    ...graded('load balancer', refusals, {
      'no-reschedule': 'weight 0 leaves existing connections alone on every listener',
      'no-target-group': 'no listener is bound to a target group',
    }),
    ...runningFindings(balancers.value.map(({ balancer }) => balancer)),
  ];
}

function placesOf({ bindings }: CloudFacts): Place[] {
  const places = new Map<string, Place>();
  for (const { balancer, listener } of bindings) {
    if (listener === undefined) continue;
    const at = `${balancer.id} listener ${listener.protocol}/${listener.port}`;
    places.set(`${balancer.id} ${listener.id}`, { at, balancer, listener });
  }
  return [...places.values()];
}

function otherFindings({ pods, wishes }: CheckFacts, { others }: CloudFacts): Finding[] {
  if (!others.known) {
    const message = `whether another load balancer sends traffic to the same pods is unknown: ${others.because}`;
    return [warn('load balancer', 'no-other-binding', message)];
  }
  const refusals = otherBindingRule(others.value, pods);
  const found = graded('load balancer', refusals, {
    'no-other-binding': 'no other listener of the region sends traffic to the pods',
  });
  // With --service drain goes on, for then they were left out on purpose.
  return wishes.narrowed
    ? found.map((each) => (each.level === 'FAIL' ? { ...each, level: 'WARN' as const } : each))
    : found;
}

function runningFindings(balancers: readonly BalancerState[]): Finding[] {
  const ids = [...new Set(balancers.map(({ id }) => id))];
  const stopped = balancers.filter(({ running }) => !running).map(({ id }) => id);
  return stopped.length === 0
    ? [ok('load balancer', 'balancer-running', `${some(ids)} ${ids.length === 1 ? 'is' : 'are'} running`)]
    : [warn('load balancer', 'balancer-running', `${some(stopped)} is being made, or switched off (unpaid?)`)];
}

/** Wanted weights against shown ones: the same comparison that drain waits for. */
function boundFindings({ bindings }: CloudFacts): Finding[] {
  // One that is going is unbound for that, at any weight.
  const staying = bindings.filter((binding) => !binding.pod.terminating || binding.bindings.length > 0);
  const open = staying.flatMap((binding) => disagreement(binding) ?? []);
  if (open.length === 0)
    return [ok('load balancer', 'weights-shown', `all ${bindings.length} bindings show the wanted weight`)];
  const message = `the load balancer does not show what the annotations want: ${some(open, 2)}`;
  const [first] = bindings;
  const cure = first === undefined ? undefined : kubectl('describe', 'service', first.service.name);
  return [warn('load balancer', 'weights-shown', message, cure?.note("the service-controller's events"))];
}

function healthFindings({ bindings }: CloudFacts): Finding[] {
  const sick = bindings.filter((binding) =>
    binding.bindings.some(({ health }) => health !== 'alive' && health !== 'off'),
  );
  const names = [...new Set(sick.map(({ pod }) => pod.name))];
  const serving = new Set(bindings.filter(isServing).map(({ pod }) => pod.name)).size;
  const off = placesOf({ balancers: [], bindings, others: { known: true, value: [] } }).filter(
    ({ listener }) => !listener.healthCheck.on,
  );
  const sickly = warn('load balancer', 'backends-healthy', `not healthy at the load balancer: ${some(names)}`);
  const well = ok('load balancer', 'backends-healthy', `${serving} pods are healthy and have weight`);
  return [
    ...(names.length > 0 ? [sickly] : serving > 0 ? [well] : []),
    ...off.map(({ at }) =>
      warn('load balancer', 'health-check', `${at} has no health check: a new pod gets traffic at once, ready or not`),
    ),
  ];
}

function schedulerFindings({ scheduler }: ListenerState, at: string): Finding[] {
  if (scheduler === 'WRR' || scheduler === 'LEAST_CONN')
    return [ok('load balancer', 'scheduler', `${at} schedules by ${scheduler}`)];
  const message = `${at} schedules by ${scheduler}: whether weight 0 stops new connections under it is not documented; wait-zero shows it`;
  return [warn('load balancer', 'scheduler', message)];
}

function resetFindings({ resetsOnUnbind }: ListenerState, at: string): Finding[] {
  if (!resetsOnUnbind) return [];
  const message = `${at} resets connections of unbound backends (DeregisterTargetRst): harmless after a wait for zero, not with recreate --force`;
  return [warn('load balancer', 'reset-on-unbind', message)];
}

/** Whether a persisted client still reaches a backend at weight 0 is not documented, so the stability window has to outlast the persistence. */
function persistenceFinding({ set, wishes }: CheckFacts, places: readonly Place[]): Finding {
  const longest = places.toSorted((a, b) => b.listener.sessionExpireSeconds - a.listener.sessionExpireSeconds)[0];
  const seconds = longest?.listener.sessionExpireSeconds ?? 0;
  if (longest === undefined || seconds === 0)
    return ok('load balancer', 'session-persistence', 'no listener keeps clients on one backend');
  const persistence = `${longest.at} keeps clients on one backend for ${formatDuration(seconds * 1000)}`;
  if (seconds * 1000 <= wishes.stableForMs)
    return ok('load balancer', 'session-persistence', `${persistence}; --stable-for covers that`);
  return warn(
    'load balancer',
    'session-persistence',
    `${persistence}: a client may come back to a drained pod that long, and --stable-for is ${formatDuration(wishes.stableForMs)}`,
    own('wait-zero', set.name, '--stable-for', formatDuration(seconds * 1000)).note('and the same for recreate'),
  );
}
