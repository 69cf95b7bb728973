/** Which pods the Services select, where that is not simply all of them; and listeners that no Service names. */

import { isPortPooled, PORT_POOL } from '../facts/port-pool.ts';
import { type Selection, selectionOf, selectionText } from '../facts/selection.ts';
import type { ServiceFacts } from '../facts/service-facts.ts';
import { kubectl, own } from '../values/command.ts';
import type { CheckFacts } from './check-facts.ts';
import { type Finding, some, warn } from './findings.ts';

/** Labels that the controller itself gives each pod: their selection never changes. */
const OWN_LABEL = /^(statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index)=/;

interface Selecting {
  service: ServiceFacts;
  selection: Selection;
}

export function selectionFindings(facts: CheckFacts): Finding[] {
  const { services, set, pods } = facts;
  const selecting = services.flatMap((service): Selecting[] => {
    const selection = selectionOf(service, set, pods, { held: true });
    return selection === undefined ? [] : [{ service, selection }];
  });
  return [...aloneFindings(facts, selecting), ...labelFindings(facts, selecting), ...poolFindings(facts)];
}

function aloneFindings({ set }: CheckFacts, selecting: readonly Selecting[]): Finding[] {
  const alone = selecting.filter(({ selection }) => selection.now.length === 1 && !selection.isWhole);
  const [first] = alone;
  if (first === undefined) return [];
  const lonely = alone.map(
    ({ service, selection }) => `service/${service.name} selects ${selectionText(selection, set.name)} alone`,
  );
  return [
    warn(
      'services',
      'alone',
      `${some(lonely)}: while that pod is drained, its clients have nowhere to go`,
      own('drain', set.name, String(first.selection.now[0]), '--allow-alone', first.service.name),
    ),
  ];
}

function labelFindings({ set }: CheckFacts, selecting: readonly Selecting[]): Finding[] {
  return selecting.flatMap(({ service, selection }) => {
    const changing = selection.labels.filter((label) => !OWN_LABEL.test(label));
    if (changing.length === 0) return [];
    const keys = changing.map((label) => label.slice(0, label.indexOf('='))).join(',');
    return [
      warn(
        'services',
        'selected-by-label',
        `service/${service.name} selects ${selectionText(selection, set.name)}, which the template does not give: the pods that it selects may change at any moment`,
        kubectl('get', 'pods', '-l', set.selectorText, '-L', keys).note('which pod has it now'),
      ),
    ];
  });
}

function poolFindings({ set, pods }: CheckFacts): Finding[] {
  const pooled = pods.filter(isPortPooled).map(({ name }) => name);
  if (pooled.length === 0 && !isPortPooled({ annotations: set.templateAnnotations })) return [];
  const whose = pooled.length > 0 ? some(pooled) : `the template of statefulset/${set.name}`;
  return [
    warn(
      'services',
      'listener-per-pod',
      `${whose} ${pooled.length > 1 ? 'have' : 'has'} a listener per pod from a CLB port pool (annotation ${PORT_POOL}): this program does not write its weight, and drain is refused while it has any`,
    ),
  ];
}
