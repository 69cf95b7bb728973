/** Where addresses are bound, on any load balancer: DescribeLBListeners, the look-up from the backend's side. */
import { CloudError } from '../../core/errors.ts';
import type { AddressBinding } from '../../ports.ts';
import {
  type AnswerObject,
  malformed,
  mustRepeat,
  optionalObjects,
  optionalText,
  requiredNumber,
  requiredObjects,
  requiredText,
} from '../calls/cloud-answer.ts';
import type { Cloud } from '../cloud.ts';
import { canonicalAddress } from './address.ts';
import type { AskedBalancer } from './parse-balancer.ts';

/** No limit is documented; other lists of this API end at 20 (CLB API 2018-03-17). */
export const ADDRESSES_PER_CALL = 20;

/** Throws CloudError when the VPC is not known: an empty answer would then prove nothing. */
export async function readBindings(
  cloud: Cloud,
  asked: AskedBalancer,
  vpcId: string | undefined,
  addresses: readonly string[],
  signal: AbortSignal | undefined,
): Promise<AddressBinding[]> {
  if (vpcId === undefined) {
    throw new CloudError(
      'VpcUnknown',
      `the cloud does not return the VPC of ${asked.id}, in which to look for other load balancers`,
    );
  }
  const wanted = [...new Set(addresses)];
  const batches = Array.from({ length: Math.ceil(wanted.length / ADDRESSES_PER_CALL) }, (_, index) =>
    wanted.slice(index * ADDRESSES_PER_CALL, (index + 1) * ADDRESSES_PER_CALL),
  );
  const found = await Promise.all(
    batches.map(async (batch) => {
      const answer = await cloud.call(
        'clb',
        'DescribeLBListeners',
        { Backends: batch.map((address) => ({ VpcId: vpcId, PrivateIp: address })) },
        { region: asked.region, signal },
      );
      for (const balancer of optionalObjects(answer, 'LoadBalancers') ?? [])
        mustRepeat(balancer, 'Region', asked.region, 'DescribeLBListeners');
      return parseBindings(answer, batch);
    }),
  );
  return found.flat().map((binding) => ({ ...binding, region: asked.region }));
}

/** Layer-4 targets hang on the listener, layer-7 ones on its rules; the other list is null. Throws CloudError on a target without weight, or of an address that is none of `asked`. */
export function parseBindings(answer: AnswerObject, asked: readonly string[]): AddressBinding[] {
  const bindings = allBindings(answer);
  const wanted = new Set(asked.map(canonicalAddress));
  const stranger = bindings.find(({ address }) => !wanted.has(address));
  if (stranger === undefined) return bindings;
  throw malformed(`DescribeLBListeners was asked for ${asked.join(', ')} and answered for ${stranger.address}`);
}

function allBindings(answer: AnswerObject): AddressBinding[] {
  // Nothing bound at all comes as null.
  return (optionalObjects(answer, 'LoadBalancers') ?? []).flatMap((balancer) => {
    const balancerId = requiredText(balancer, 'LoadBalancerId', 'a load balancer of DescribeLBListeners');
    return requiredObjects(balancer, 'Listeners', `${balancerId} of DescribeLBListeners`).flatMap((listener) => {
      const id = requiredText(listener, 'ListenerId', `a listener of ${balancerId}`);
      const at = {
        balancerId,
        listenerId: id,
        protocol: requiredText(listener, 'Protocol', `listener ${id}`).toUpperCase(),
        port: requiredNumber(listener, 'Port', `listener ${id}`),
      };
      const rules = (optionalObjects(listener, 'Rules') ?? []).flatMap((rule) =>
        targetsOf(rule, {
          ...at,
          ruleId: requiredText(rule, 'LocationId', `a rule of listener ${id}`),
          rule: `${optionalText(rule, 'Domain') ?? '*'}${optionalText(rule, 'Url') ?? '/'}`,
        }),
      );
      return [...targetsOf(listener, at), ...rules];
    });
  });
}

function targetsOf(
  holder: AnswerObject,
  at: Omit<AddressBinding, 'address' | 'backendPort' | 'weight'>,
): AddressBinding[] {
  return (optionalObjects(holder, 'Targets') ?? []).map((target) => {
    const of = `a target of listener ${at.listenerId}`;
    return {
      ...at,
      address: canonicalAddress(requiredText(target, 'PrivateIp', of)),
      backendPort: requiredNumber(target, 'Port', of),
      weight: requiredNumber(target, 'Weight', of),
    };
  });
}
