import type { BalancerTarget } from '../../balancers/balancer-target.ts';
import { CloudFault } from '../../balancers/fault.ts';
import type { Listener } from '../../balancers/listener.ts';
import type { ApiAnswer, ApiCall } from '../call.ts';
import { backendShape, isLayer7, targetsOf } from './shapes.ts';

/** DescribeTargets: layer-4 backends under `Targets`, layer-7 ones under `Rules[].Targets`, the other of the two null. */
export function describeTargets(listeners: readonly Listener[], call: ApiCall): ApiAnswer {
  const { admitsTarget, admitsRule } = parseFilters(call);
  const backends = (targets: readonly BalancerTarget[]): unknown[] => targets.filter(admitsTarget).map(backendShape);
  return {
    Listeners: listeners.map((listener) => ({
      ListenerId: listener.id,
      Protocol: listener.protocol,
      Port: listener.port,
      EndPort: listener.endPort,
      Targets: isLayer7(listener) ? null : backends(listener.targets),
      Rules: isLayer7(listener)
        ? listener.rules
            .filter((rule) => admitsRule(rule.id))
            .map((rule) => ({
              LocationId: rule.id,
              Domain: rule.domain,
              Url: rule.url,
              Targets: backends(targetsOf(listener, rule.id)),
              FunctionTargets: null,
            }))
        : null,
    })),
  };
}

interface Filters {
  admitsTarget(target: BalancerTarget): boolean;
  admitsRule(ruleId: string): boolean;
}

/** `location-id` and `private-ip-address`; throws InvalidParameterValue.InvalidFilter on others. */
function parseFilters(call: ApiCall): Filters {
  let addresses: readonly string[] | undefined;
  let rules: readonly string[] | undefined;
  for (const filter of call.params.objects('Filters') ?? []) {
    const name = filter.text('Name');
    const values = filter.texts('Values') ?? [];
    if (name === 'private-ip-address') addresses = values;
    else if (name === 'location-id') rules = values;
    else throw new CloudFault('InvalidParameterValue.InvalidFilter', `The filter \`${name}\` is not supported.`);
  }
  return {
    admitsTarget: (target) => addresses?.includes(target.address) ?? true,
    admitsRule: (ruleId) => rules?.includes(ruleId) ?? true,
  };
}
