/** The selected Services, and others that lead to the same pods. */

import { ingressRefusals } from '../facts/ingress.ts';
import { ownAnnotations } from '../facts/service-facts.ts';
import { SPECIFY_PROTOCOL } from '../facts/specify-protocol.ts';
import { serviceRules } from '../safety/rules.ts';
import { kubectl, own } from '../values/command.ts';
import { readKeptAdvance } from '../weights/kept-advance.ts';
import { blankText } from '../weights/kept-blank.ts';
import { keyText, RS_WEIGHT_ANNOTATION } from '../weights/rs-weight.ts';
import type { CheckFacts } from './check-facts.ts';
import { selectionFindings } from './check-selection.ts';
import { type Finding, graded, some, warn } from './findings.ts';

export function serviceFindings(facts: CheckFacts): Finding[] {
  const { services, set } = facts;
  const names = some(services.map(({ name }) => `service/${name}`));
  const passed =
    services.length === 0
      ? {}
      : {
          'service-found': `${names} ${services.length === 1 ? 'selects' : 'select'} the pods`,
          'direct-access': `${names} ${services.length === 1 ? 'binds' : 'bind'} pods directly`,
          'controller-active': 'the service-controller works on every Service (no mode: skip)',
          'no-target-group': 'no Service uses target groups',
          'balancer-known': `load balancers: ${some([...new Set(services.map((each) => each.balancerId ?? ''))])}`,
        };
  return [
    ...graded('services', serviceRules(services, set, facts.direct), passed),
    ...selectionFindings(facts),
    ...leftOut(facts),
    ...ingressFindings(facts),
    ...protocolFindings(facts),
    ...formatFindings(facts),
    ...blankFindings(facts),
  ];
}

/** Bookkeeping of another version of this program, which only that version can read. */
function formatFindings({ services, set }: CheckFacts): Finding[] {
  const key = ownAnnotations(set.name).advanced;
  return services
    .filter(({ annotations }) => readKeptAdvance(annotations[key]) === 'unknown')
    .map(({ name }) =>
      warn(
        'services',
        'record-format',
        `service/${name} holds bookkeeping that this version cannot read (annotation ${key}): it is not trusted and not erased, and advance does not recognise its own last write`,
        kubectl('annotate', 'service', name, `${key}-`).note('forgets it; weights stay as they are'),
      ),
    );
}

/** Under a blank text nothing is drained yet, so a drain can go on; what the controller makes of it until then is another thing. */
function blankFindings({ services }: CheckFacts): Finding[] {
  return services
    .filter(({ annotations }) => blankText(annotations) !== undefined)
    .map(({ name }) =>
      warn(
        'services',
        'annotation-blank',
        `service/${name}: annotation ${RS_WEIGHT_ANNOTATION} is blank: the service-controller may read it as damaged, and apply no weight and bind no new pod until it changes`,
        kubectl('annotate', 'service', name, `${RS_WEIGHT_ANNOTATION}-`).note(
          'removes it: every pod gets its default weight',
        ),
      ),
    );
}

/** Other Services of type LoadBalancer that --service left out; whether they have weight is seen in the cloud. */
function leftOut({ services, selecting, set }: CheckFacts): Finding[] {
  if (!selecting.known) {
    const unread = `whether other Services lead to the same pods is unknown: ${selecting.because}`;
    return [warn('services', 'service-left-out', unread)];
  }
  const others = selecting.value.filter(
    (each) => each.type === 'LoadBalancer' && !services.some(({ name }) => name === each.name),
  );
  return others.map(({ name }) =>
    warn(
      'services',
      'service-left-out',
      `service/${name} leads to the same pods and is left out by --service: a drain does not stop its traffic`,
      own('check', set.name, '--service', [...services.map((each) => each.name), name].join(',')),
    ),
  );
}

/** An Ingress binds the pods by itself, with an annotation of its own, or sends to them from its own pods. */
function ingressFindings({ ingresses, selecting, set }: CheckFacts): Finding[] {
  if (!ingresses.known) {
    return [warn('services', 'no-ingress', `whether an Ingress leads to the pods is unknown: ${ingresses.because}`)];
  }
  if (!selecting.known) {
    const unread = `whether an Ingress leads to the pods is unknown: ${selecting.because}`;
    return [warn('services', 'no-ingress', unread)];
  }
  const selectors = selecting.value.map(({ name }) => name);
  const refusals = ingressRefusals(ingresses.value, selectors, set.name).map((refusal) => ({
    ...refusal,
    cure: own('drain', set.name, '0', ...(refusal.override === undefined ? [] : [refusal.override])).note(
      'once the same ordinals are at 0 there too (ingress.cloud.tencent.com/lb-rs-weight)',
    ),
  }));
  return graded('services', refusals, { 'no-ingress': 'no Ingress leads to the pods' });
}

function protocolFindings({ services }: CheckFacts): Finding[] {
  const changed = services.filter(({ annotations }) => annotations[SPECIFY_PROTOCOL] !== undefined);
  return changed.map(({ name, ports }) => {
    const keys = ports.map(({ protocol, port }) => keyText({ proto: protocol, port })).join(', ');
    return warn(
      'services',
      'specify-protocol',
      `service/${name} has listeners of another protocol than its ports (${SPECIFY_PROTOCOL}): which key ${RS_WEIGHT_ANNOTATION} wants then is not documented; ${keys} ${ports.length === 1 ? 'is' : 'are'} written, and drain ends with exit 7 if the load balancer does not follow`,
    );
  });
}
