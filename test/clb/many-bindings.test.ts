import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AnswerObject } from '../../lib/clb/calls/cloud-answer.ts';
import { createLoadBalancer } from '../../lib/clb/clb-load-balancer.ts';
import type { Cloud } from '../../lib/clb/cloud.ts';
import { CloudError } from '../../lib/core/errors.ts';
import type { AddressBinding } from '../../lib/ports.ts';
import { FakeClock } from '../fakes/clock.ts';

interface Target {
  vpc: string;
  ip: string;
  weight: number;
}

interface Balancer {
  vpc: string;
  /** It reaches backends of other VPCs too. */
  snatPro: boolean;
  targets: readonly Target[];
}

const OWN = 'lb-0';
const REGION = 'ap-guangzhou';

/** A region's load balancers, one listener each; `change` spoils the answers of one action. */
function region(
  balancers: readonly Balancer[],
  change: Partial<Record<string, (answer: AnswerObject) => AnswerObject>> = {},
) {
  const calls = new Map<string, number>();
  const all = balancers.map((balancer, index) => ({ id: `lb-${index}`, ...balancer }));
  const listener = (id: string) => ({ ListenerId: `${id}-80`, Protocol: 'TCP', Port: 80 });
  const answers: Record<string, (params: Record<string, unknown>) => AnswerObject> = {
    DescribeLoadBalancers: ({ LoadBalancerIds, Limit = 20, Offset = 0 }) => {
      const found = all.filter(({ id }) => (LoadBalancerIds as string[] | undefined)?.includes(id) ?? true);
      return {
        TotalCount: found.length,
        LoadBalancerSet: found.slice(Number(Offset), Number(Offset) + Number(Limit)).map(({ id, vpc, snatPro }) => ({
          LoadBalancerId: id,
          LoadBalancerType: 'OPEN',
          LoadBalancerVips: ['203.0.113.1'],
          Forward: 1,
          Status: 1,
          VpcId: vpc,
          NumericalVpcId: vpc === 'vpc-a' ? 1 : 2,
          SnatPro: snatPro,
        })),
      };
    },
    DescribeListeners: ({ LoadBalancerId }) => ({ TotalCount: 1, Listeners: [listener(String(LoadBalancerId))] }),
    DescribeTargets: ({ LoadBalancerId }) => ({
      Listeners: all
        .filter(({ id }) => id === LoadBalancerId)
        .map(({ id, targets }) => ({
          ...listener(id),
          Targets: targets.map(({ ip, weight }) => ({ PrivateIpAddresses: [ip], Port: 80, Weight: weight })),
        })),
    }),
    DescribeTargetHealth: ({ LoadBalancerIds }) => ({
      LoadBalancers: (LoadBalancerIds as string[]).map((id) => ({
        LoadBalancerId: id,
        Listeners: [{ ...listener(id), Rules: [{ LocationId: '', Targets: [] }] }],
      })),
    }),
    DescribeLBListeners: ({ Backends }) => {
      const asked = new Set(
        (Backends as { VpcId: string; PrivateIp: string }[]).map((each) => `${each.VpcId} ${each.PrivateIp}`),
      );
      const LoadBalancers = all
        .map(({ id, targets }) => ({ id, targets: targets.filter(({ vpc, ip }) => asked.has(`${vpc} ${ip}`)) }))
        .filter(({ targets }) => targets.length > 0)
        .map(({ id, targets }) => ({
          LoadBalancerId: id,
          Region: REGION,
          Listeners: [
            {
              ...listener(id),
              Targets: targets.map(({ ip, weight }) => ({ PrivateIp: ip, Port: 80, Weight: weight })),
            },
          ],
        }));
      return { LoadBalancers };
    },
  };
  const cloud: Cloud = {
    regions: { flag: REGION },
    credentials: async () => 'test',
    call: async (_service, action, params) => {
      calls.set(action, (calls.get(action) ?? 0) + 1);
      const answer = answers[action]?.(params as unknown as Record<string, unknown>) ?? {};
      return change[action]?.(answer) ?? answer;
    },
  };
  const balancer = createLoadBalancer(cloud, new FakeClock());
  /** By address alone, and with what was read of the target's own load balancer. */
  const both = async (addresses: readonly string[]) => {
    const byAddress = await balancer.bindingsOf({ id: OWN }, addresses);
    const seen = [await balancer.observe({ id: OWN })];
    calls.clear();
    const many = await balancer.bindingsOf({ id: OWN }, addresses, { seen });
    return { byAddress: sorted(byAddress), many: sorted(many), calls: new Map(calls) };
  };
  return { both };
}

const sorted = (bindings: readonly AddressBinding[]): string[] =>
  bindings.map((each) => JSON.stringify(each, Object.keys(each).sort())).sort();
const ip = (index: number): string => `10.0.${Math.floor(index / 200)}.${(index % 200) + 1}`;
const pods = (count: number): string[] => Array.from({ length: count }, (_, index) => ip(index));
const ownOf = (addresses: readonly string[]): Balancer => ({
  vpc: 'vpc-a',
  snatPro: false,
  targets: addresses.map((each) => ({ vpc: 'vpc-a', ip: each, weight: 10 })),
});
const other = (vpc: string, targets: readonly Target[] = [], snatPro = false): Balancer => ({ vpc, snatPro, targets });

describe('the bindings of thousands of addresses', () => {
  it('are those that the look-up by address finds, whichever load balancers there are', async () => {
    const vpc = fc.constantFrom('vpc-a', 'vpc-b');
    const target = fc.record({
      ip: fc.integer({ min: 0, max: 260 }).map(ip),
      weight: fc.integer({ min: 0, max: 100 }),
    });
    const unique = (targets: readonly Target[]): Target[] => [
      ...new Map(targets.map((each) => [each.ip, each])).values(),
    ];
    const balancer = fc
      .record({ vpc, snatPro: fc.boolean(), targets: fc.array(fc.tuple(target, vpc), { maxLength: 6 }) })
      .map(({ vpc: own, snatPro, targets }) =>
        other(own, unique(targets.map(([each, place]) => ({ ...each, vpc: snatPro ? place : own }))), snatPro),
      );
    await fc.assert(
      fc.asyncProperty(
        fc.array(balancer, { maxLength: 4 }),
        fc.integer({ min: 100, max: 260 }),
        async (others, count) => {
          const { byAddress, many } = await region([ownOf(pods(count)), ...others]).both(pods(count));
          assert.deepEqual(many, byAddress);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('cost a page of load balancers and one look-up, and three calls for each other load balancer of the VPC', async () => {
    const addresses = pods(5000);
    const alone = await region([ownOf(addresses), other('vpc-b')]).both(addresses);
    assert.deepEqual(Object.fromEntries(alone.calls), { DescribeLoadBalancers: 1, DescribeLBListeners: 1 });
    const two = await region([ownOf(addresses), other('vpc-a', [{ vpc: 'vpc-a', ip: ip(7), weight: 1 }])]).both(
      addresses,
    );
    assert.equal(
      [...two.calls.values()].reduce((sum, each) => sum + each, 0),
      // Its identity is read with its settings.
      1 + 4 + 1,
    );
    assert.deepEqual(two.many, two.byAddress);
  });

  it('are asked for by address where that is cheaper, or where the lists do not tell all', async () => {
    const addresses = pods(400);
    const byAddress = 20;
    const looks = async (balancers: readonly Balancer[], change?: Parameters<typeof region>[1]) => {
      const { many, byAddress: expected, calls } = await region(balancers, change).both(addresses);
      assert.deepEqual(many, expected);
      return calls.get('DescribeLBListeners');
    };
    const own = ownOf(addresses);
    assert.equal(await looks([own]), 1);
    assert.equal(await looks([own, ...Array.from({ length: 30 }, () => other('vpc-a'))]), byAddress);
    const list = (edit: (answer: AnswerObject) => AnswerObject) => ({
      DescribeLoadBalancers: (answer: AnswerObject) => (answer['TotalCount'] === 2 ? edit(answer) : answer),
    });
    const two = [own, other('vpc-a')];
    assert.equal(
      await looks(
        two,
        list((answer) => ({ ...answer, TotalCount: 3 })),
      ),
      byAddress,
      'not all are listed',
    );
    const classic = (answer: AnswerObject): AnswerObject => ({
      ...answer,
      LoadBalancerSet: (answer['LoadBalancerSet'] as object[]).map((each) => ({ ...each, Forward: 0 })),
    });
    assert.equal(await looks(two, list(classic)), byAddress, 'a classic one');
    const denied = () => {
      throw new CloudError('UnauthorizedOperation', 'denied');
    };
    assert.equal(await looks(two, list(denied)), byAddress, 'the list is denied');
  });

  it('are unknown as before when the look-up by address does not know the target itself', async () => {
    const { many } = await region([ownOf(pods(400))], { DescribeLBListeners: () => ({ LoadBalancers: [] }) }).both(
      pods(400),
    );
    assert.deepEqual(many, []);
  });
});
