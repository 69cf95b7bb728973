import type { BackendHealth } from '../../ports.ts';
import {
  type AnswerObject,
  mustRepeat,
  optionalNumber,
  optionalObjects,
  optionalText,
  requiredObjects,
} from '../calls/cloud-answer.ts';
import { canonicalAddress } from './address.ts';

/** One target as the health answer shows it; its rule's id is set on layer 4 too, but means nothing there. */
interface HealthTarget {
  ruleId: string;
  address: string;
  port: number;
  weight: number | undefined;
  detail: string | undefined;
}

/** The answer of DescribeTargetHealth for one balancer. `ruleId` undefined: a layer-4 listener. */
export interface HealthView {
  /** HealthStatusDetail of one target; undefined when it is not spoken of. */
  detailOf(listenerId: string, ruleId: string | undefined, address: string, port: number): string | undefined;
  /** Whether the answer says in so many words that nothing is bound there. */
  saysEmpty(listenerId: string, ruleId: string | undefined): boolean;
  /** Whether the answer has a list of targets there, be it an empty one. */
  lists(listenerId: string, ruleId: string | undefined): boolean;
  targetsOf(listenerId: string): readonly HealthTarget[];
  /** Throws CloudError where the answer gives the listener another protocol or port than it has. */
  mustFit(listener: { id: string; protocol: string; port: number }): void;
}

/** Where it was not asked for: nothing is known of any target. */
export const HEALTH_NOT_ASKED: HealthView = {
  detailOf: () => undefined,
  saysEmpty: () => false,
  lists: () => false,
  targetsOf: () => [],
  mustFit: () => undefined,
};

/** DescribeTargetHealth (CLB API 2018-03-17). Throws CloudError when the balancer is missing from the answer. */
export function parseHealth(answer: AnswerObject, balancerId: string): HealthView {
  const balancer = requiredObjects(answer, 'LoadBalancers', 'DescribeTargetHealth').find(
    (each) => each['LoadBalancerId'] === balancerId,
  );
  const listeners = requiredObjects(balancer ?? {}, 'Listeners', `DescribeTargetHealth of ${balancerId}`);
  const targets = new Map<string, HealthTarget[]>();
  const details = new Map<string, string | undefined>();
  const empty = new Set<string>();
  const listed = new Set<string>();
  for (const listener of listeners) {
    const id = optionalText(listener, 'ListenerId') ?? '';
    const rules = optionalObjects(listener, 'Rules')?.map((rule) => ({
      ruleId: optionalText(rule, 'LocationId') ?? '',
      targets: optionalObjects(rule, 'Targets'),
    }));
    if (rules?.every((rule) => rule.targets?.length === 0)) empty.add(`${id} *`);
    if (rules?.every((rule) => rule.targets !== undefined)) listed.add(`${id} *`);
    for (const { ruleId, targets: list } of rules ?? []) {
      if (list !== undefined) listed.add(`${id} ${ruleId}`);
      if (list?.length === 0) empty.add(`${id} ${ruleId}`);
      const parsed = (list ?? []).flatMap((target) => parseTarget(target, ruleId));
      targets.set(id, [...(targets.get(id) ?? []), ...parsed]);
      for (const { address, port, detail } of parsed) {
        details.set(`${id} ${ruleId} ${address} ${port}`, detail);
        details.set(`${id} * ${address} ${port}`, detail);
      }
    }
  }
  return {
    detailOf: (listenerId, ruleId, address, port) => details.get(`${listenerId} ${ruleId ?? '*'} ${address} ${port}`),
    saysEmpty: (listenerId, ruleId) => empty.has(`${listenerId} ${ruleId ?? '*'}`),
    lists: (listenerId, ruleId) => listed.has(`${listenerId} ${ruleId ?? '*'}`),
    targetsOf: (listenerId) => targets.get(listenerId) ?? [],
    mustFit: ({ id, protocol, port }) => {
      const shown = listeners.find((listener) => listener['ListenerId'] === id) ?? {};
      mustRepeat(shown, 'Protocol', protocol, `DescribeTargetHealth of listener ${id}`);
      mustRepeat(shown, 'Port', port, `DescribeTargetHealth of listener ${id}`);
    },
  };
}

/** Without address or port a target stays unknown. */
function parseTarget(target: AnswerObject, ruleId: string): HealthTarget[] {
  const address = optionalText(target, 'IP');
  const port = optionalNumber(target, 'Port');
  if (address === undefined || port === undefined) return [];
  // The second field is the same, misspelt; older answers have only that one.
  const detail = optionalText(target, 'HealthStatusDetail') ?? optionalText(target, 'HealthStatusDetial');
  return [{ ruleId, address: canonicalAddress(address), port, weight: optionalNumber(target, 'Weight'), detail }];
}

/**
 * HealthStatusDetail as a word of ours. HealthStatus alone is not believed: the cloud's own example shows it true beside Dead.
 * Close means "no check" only where the check is really off; else the listener has stopped.
 */
export function healthOf(detail: string | undefined, checksHealth: boolean): BackendHealth {
  switch (detail?.toLowerCase()) {
    case 'alive':
      return 'alive';
    case 'dead':
      return 'dead';
    case 'unknown':
      return 'probing';
    case 'close':
      return checksHealth ? 'unknown' : 'off';
    default:
      return 'unknown';
  }
}
