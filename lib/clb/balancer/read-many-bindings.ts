/**
 * Where thousands of addresses are bound: from the load balancers' side, whose lists are whole pages, and by address only for what
 * they leave open. Law: it finds what the look-up by address alone would find. A binding on a load balancer that the caller has not
 * read is never taken from its list, which does not tell the VPC of an address: the look-up by address decides.
 */

import { CloudError } from '../../core/errors.ts';
import type { AddressBinding, BalancerState } from '../../ports.ts';
import {
  type AnswerObject,
  optionalNumber,
  requiredNumber,
  requiredObjects,
  requiredText,
} from '../calls/cloud-answer.ts';
import type { Cloud } from '../cloud.ts';
import { type AskedBalancer, vpcIdOf } from './parse-balancer.ts';
import { ADDRESSES_PER_CALL, readBindings } from './read-bindings.ts';

export interface ManyBindings {
  /** The load balancers that the caller has read a moment ago. */
  seen: readonly BalancerState[];
  observe: (id: string) => Promise<BalancerState>;
  vpcId: string | undefined;
  signal: AbortSignal | undefined;
}

/** DescribeLoadBalancers lists at most so many (CLB API 2018-03-17). */
const BALANCERS_PER_PAGE = 100;
/** Listeners, targets and health. */
const CALLS_PER_BALANCER = 3;

/** Undefined: to be asked by address, which is cheaper here, or the lists do not tell all. Throws on abort, and errors that may be temporary. */
export async function readManyBindings(
  cloud: Cloud,
  asked: AskedBalancer,
  addresses: readonly string[],
  { seen, observe, vpcId, signal }: ManyBindings,
): Promise<AddressBinding[] | undefined> {
  const wanted = new Set(addresses);
  const own = seen.find(({ id, region }) => id === asked.id && region === asked.region);
  const here = seen.filter(({ region, numericVpcId }) => region === own?.region && numericVpcId === own.numericVpcId);
  const mostCalls = Math.ceil(wanted.size / ADDRESSES_PER_CALL) - 1;
  const shown = here.flatMap((balancer) => bindingsShown(balancer, wanted));
  const [witness] = shown;
  if (witness === undefined || vpcId === undefined) return undefined;
  try {
    const unread = await listUnread(cloud, asked, { seen: here, vpcId, mostCalls, signal });
    if (unread === undefined) return undefined;
    const others = await Promise.all(unread.map(observe));
    const left = new Set(others.flatMap((other) => bindingsShown(other, wanted)).map(({ address }) => address));
    // At least one more: that the look-up knows the target's own bindings is what its silence is believed for.
    left.add(witness.address);
    const found = await readBindings(cloud, asked, vpcId, [...left], signal);
    if (!found.some((each) => isSame(each, witness))) return undefined;
    return [...found, ...shown.filter(({ address }) => !left.has(address))];
  } catch (error) {
    signal?.throwIfAborted();
    // A list that is denied or cannot be understood: the look-up by address may still answer.
    if (error instanceof CloudError && !error.retryable) return undefined;
    throw error;
  }
}

/** The ids of the region's other load balancers that may bind pods of this VPC; undefined: too many, or not all are listed. */
async function listUnread(
  cloud: Cloud,
  { region }: AskedBalancer,
  options: { seen: readonly BalancerState[]; vpcId: string; mostCalls: number; signal: AbortSignal | undefined },
): Promise<string[] | undefined> {
  const { seen, vpcId, mostCalls, signal } = options;
  const page = (offset: number): Promise<AnswerObject> =>
    cloud.call('clb', 'DescribeLoadBalancers', { Limit: BALANCERS_PER_PAGE, Offset: offset }, { region, signal });
  if (mostCalls < 2) return undefined;
  const first = await page(0);
  const total = requiredNumber(first, 'TotalCount', 'DescribeLoadBalancers');
  const pages = Math.ceil(total / BALANCERS_PER_PAGE);
  if (pages > mostCalls) return undefined;
  const more = await Promise.all(
    Array.from({ length: Math.max(0, pages - 1) }, (_, index) => page((index + 1) * BALANCERS_PER_PAGE)),
  );
  const listed = [first, ...more].flatMap((answer) =>
    requiredObjects(answer, 'LoadBalancerSet', 'DescribeLoadBalancers'),
  );
  const ids = listed.map((each) => requiredText(each, 'LoadBalancerId', 'a load balancer'));
  // A list that changed between two pages, or that this key sees a part of.
  if (new Set(ids).size !== total || seen.some(({ id }) => !ids.includes(id))) return undefined;
  const known = new Set(seen.map(({ id }) => id));
  const unread = listed.flatMap((each, index) => {
    const id = ids[index] ?? '';
    return known.has(id) || !mayBind(each, { id, region }, vpcId)
      ? []
      : [{ id, classic: optionalNumber(each, 'Forward') === 0 }];
  });
  // A classic one has targets that no action used here shows.
  if (unread.some(({ classic }) => classic)) return undefined;
  return pages + CALLS_PER_BALANCER * unread.length > mostCalls ? undefined : unread.map(({ id }) => id);
}

/** One whose backends are of another VPC cannot, unless it reaches into others (SnatPro). */
const mayBind = (balancer: AnswerObject, { id, region }: { id: string; region: string }, vpcId: string): boolean => {
  const own = vpcIdOf({ LoadBalancerSet: [balancer] }, { id, region, regionFrom: '' });
  return own === undefined || own === vpcId || balancer['SnatPro'] === true;
};

const bindingsShown = (balancer: BalancerState, wanted: ReadonlySet<string>): AddressBinding[] =>
  balancer.listeners.flatMap(({ id, protocol, port, backends }) =>
    backends
      .filter(({ address }) => wanted.has(address))
      .map(({ ruleId, rule, address, port: backendPort, weight }) => ({
        balancerId: balancer.id,
        region: balancer.region,
        listenerId: id,
        protocol,
        port,
        ...(ruleId === undefined ? {} : { ruleId }),
        ...(rule === undefined ? {} : { rule }),
        address,
        backendPort,
        weight,
      })),
  );

const isSame = (one: AddressBinding, other: AddressBinding): boolean =>
  one.balancerId === other.balancerId &&
  one.listenerId === other.listenerId &&
  one.ruleId === other.ruleId &&
  one.address === other.address &&
  one.backendPort === other.backendPort;
