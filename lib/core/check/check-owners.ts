/** Other writers of the same objects: autoscalers, disruption budgets, deployment tools, other programs. */

import { FIELD_MANAGER } from '../facts/service-facts.ts';
import { advice, adviceOf, lines, own } from '../values/command.ts';
import { field, list, number, text } from '../values/read.ts';
import { RS_WEIGHT_ANNOTATION } from '../weights/rs-weight.ts';
import type { CheckFacts } from './check-facts.ts';
import { type Finding, ok, some, warn } from './findings.ts';

/** People at a command line, and this program: they do not come back by themselves. */
const BY_HAND = /^(kubectl|kubectl-.*|before-first-apply)$/;

export function ownerFindings(facts: CheckFacts): Finding[] {
  return [
    autoscalerFinding(facts),
    ...controllerFindings(facts),
    replicaFinding(facts),
    ...annotationFindings(facts),
    budgetFinding(facts),
  ];
}

function autoscalerFinding({ autoscalers }: CheckFacts): Finding {
  if (!autoscalers.known)
    return warn('other owners', 'no-autoscaler', `whether an autoscaler exists is unknown: ${autoscalers.because}`);
  if (autoscalers.value.length === 0)
    return ok(
      'other owners',
      'no-autoscaler',
      'no HorizontalPodAutoscaler or HorizontalPodCronscaler sets the replicas',
    );
  return warn(
    'other owners',
    'no-autoscaler',
    `${some(autoscalers.value.map(({ object, does }) => `${object} ${does}`))}: surge is refused, and a scale-down deletes the highest pod undrained`,
    lines(...autoscalers.value.map(({ cure }) => cure)),
  );
}

/** An owner writes its objects back: the StatefulSet, and the weights of its Services. */
function controllerFindings({ object, set, services }: CheckFacts): Finding[] {
  const ofServices = services.flatMap(({ name, owner }) =>
    owner === undefined
      ? []
      : [
          warn(
            'other owners',
            'owned-by-controller',
            `service/${name} belongs to ${owner}, whose controller may write its annotations back: drained pods get traffic then (recreate notices)`,
            adviceOf('pause it for the time of the upgrade'),
          ),
        ],
  );
  const owners = (object.metadata.ownerReferences ?? []).filter(({ controller }) => controller === true);
  const ofSet = owners.map(({ kind, name }) =>
    warn(
      'other owners',
      'owned-by-controller',
      `statefulset/${set.name} belongs to ${kind}/${name}, whose controller may undo writes to it`,
    ),
  );
  return [...ofSet, ...ofServices];
}

function replicaFinding({ object, set }: CheckFacts): Finding {
  const managers = list(object, 'metadata', 'managedFields')
    .filter((entry) => field(entry, 'fieldsV1', 'f:spec', 'f:replicas') !== undefined)
    .map((entry) => text(entry, 'manager') ?? '')
    .filter((manager) => manager !== FIELD_MANAGER && !BY_HAND.test(manager));
  if (managers.length === 0)
    return ok('other owners', 'replicas-owner', 'no deployment tool is known to own the replicas');
  const message = `${some([...new Set(managers)])} wrote the replicas of statefulset/${set.name}: if it runs during the upgrade, it undoes a surge`;
  return warn('other owners', 'replicas-owner', message, advice`pause it for the time of the upgrade`);
}

function annotationFindings({ services }: CheckFacts): Finding[] {
  const others = services.flatMap(({ name, otherWriters = [] }) =>
    otherWriters.map((each) => ({ writer: each.replace(/@.*/, ''), name })),
  );
  const foreign = others.filter(({ writer }) => !BY_HAND.test(writer));
  if (foreign.length === 0) {
    return [ok('other owners', 'weight-owner', `no other program is known to write ${RS_WEIGHT_ANNOTATION}`)];
  }
  const message = `${some(foreign.map(({ writer, name }) => `${writer} on service/${name}`))} wrote ${RS_WEIGHT_ANNOTATION} too: if it writes during the upgrade, drained pods get traffic back (recreate notices)`;
  return [warn('other owners', 'weight-owner', message, advice`pause it for the time of the upgrade`)];
}

/** recreate deletes without asking the budget; --evict asks it. */
function budgetFinding({ budgets, set }: CheckFacts): Finding {
  if (!budgets.known) {
    const message = `whether a PodDisruptionBudget selects the pods is unknown: ${budgets.because}; the floor is half of the replicas`;
    return warn('other owners', 'disruption-budget', message);
  }
  const names = budgets.value.map((budget) => `poddisruptionbudget/${budget.metadata.name}`);
  if (names.length === 0)
    return ok('other owners', 'disruption-budget', 'no PodDisruptionBudget; the floor is half of the replicas');
  // The Eviction API answers 500 then (Kubernetes: eviction with more than one budget).
  if (names.length > 1) {
    const message = `${some(names)} select the same pods: evictions fail, and so does recreate --evict`;
    return warn('other owners', 'disruption-budget', message, advice`leave one budget for the pods`);
  }
  const allowed = number(budgets.value[0], 'status', 'disruptionsAllowed') ?? 0;
  const least = number(budgets.value[0], 'status', 'desiredHealthy');
  if (allowed === 0) {
    return warn(
      'other owners',
      'disruption-budget',
      `${names[0]} allows no disruption now: recreate --evict would wait`,
      own('surge', set.name).note('more pods than the budget asks for'),
    );
  }
  return ok(
    'other owners',
    'disruption-budget',
    `${names[0]} asks for ${least ?? 'an unknown number of'} healthy pods`,
  );
}
