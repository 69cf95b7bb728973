/** Tries every action that the program uses, so that a missing permission is known before the upgrade and not in the middle of it. */
import { CloudError } from '../core/errors.ts';
import type { Clock, TriedAction } from '../ports.ts';
import { type AskedBalancer, type BalancerIdentity, parseBalancer, vpcIdOf } from './balancer/parse-balancer.ts';
import type { AnswerObject } from './calls/cloud-answer.ts';
import type { Cloud } from './cloud.ts';
import { NoCredentialsError } from './credentials/no-credentials.ts';

/** How far back the tried series goes. */
const WINDOW_MS = 120_000;

/** One call per action, with parameters that a granted call accepts. Rejects only when it was aborted. */
export async function tryActions(
  cloud: Cloud,
  asked: AskedBalancer,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<TriedAction[]> {
  const at = { region: asked.region, signal };
  const found: { answer?: AnswerObject } = {};
  const first = await tried('clb:DescribeLoadBalancers', signal, async () => {
    found.answer = await cloud.call('clb', 'DescribeLoadBalancers', { LoadBalancerIds: [asked.id] }, at);
  });
  const { namespace, dimensions, vpcId } = seriesOf(found.answer ?? {}, asked);
  const { id } = asked;
  const series = {
    Namespace: namespace,
    MetricName: 'ConNum',
    Instances: [{ Dimensions: dimensions }],
    Period: 60,
    StartTime: rfc3339(clock.now() - WINDOW_MS),
    EndTime: rfc3339(clock.now()),
  };
  const backends = [{ VpcId: vpcId ?? 'vpc-unknown', PrivateIp: '192.0.2.1' }];
  const others = await Promise.all([
    tried('clb:DescribeListeners', signal, () => cloud.call('clb', 'DescribeListeners', { LoadBalancerId: id }, at)),
    tried('clb:DescribeTargets', signal, () => cloud.call('clb', 'DescribeTargets', { LoadBalancerId: id }, at)),
    tried('clb:DescribeTargetHealth', signal, () =>
      cloud.call('clb', 'DescribeTargetHealth', { LoadBalancerIds: [id] }, at),
    ),
    tried('clb:DescribeLBListeners', signal, () =>
      cloud.call('clb', 'DescribeLBListeners', { Backends: backends }, at),
    ),
    tried('monitor:DescribeBaseMetrics', signal, () =>
      cloud.call('monitor', 'DescribeBaseMetrics', { Namespace: namespace, MetricName: 'ConNum' }, at),
    ),
    tried('monitor:GetMonitorData', signal, () => cloud.call('monitor', 'GetMonitorData', series, at)),
  ]);
  return [first, ...others];
}

async function tried(
  action: string,
  signal: AbortSignal | undefined,
  call: () => Promise<unknown>,
): Promise<TriedAction> {
  try {
    await call();
    return { action, allowed: true, because: 'answered' };
  } catch (error) {
    signal?.throwIfAborted();
    return { action, ...judge(error) };
  }
}

/** A series of the balancer itself; when it cannot be read, of no balancer (RFC 5737 address), which is answered with no points. */
function seriesOf(answer: AnswerObject, asked: AskedBalancer) {
  let identity: BalancerIdentity | undefined;
  try {
    identity = parseBalancer(answer, asked);
  } catch {
    identity = undefined;
  }
  const vip = { Name: 'vip', Value: identity?.vips[0] ?? '192.0.2.1' };
  const vpc = { Name: 'vpcId', Value: identity?.numericVpcId ?? '' };
  return identity?.network === 'private'
    ? { namespace: 'QCE/LB_PRIVATE', dimensions: [vip, vpc], vpcId: vpcIdOf(answer, asked) }
    : { namespace: 'QCE/LB_PUBLIC', dimensions: [vip], vpcId: vpcIdOf(answer, asked) };
}

/** Codes of the common layer that refuse one action of a key that is known (Cloud API 3.0, common errors). */
const ACTION_REFUSED = /^(AuthFailure\.)?UnauthorizedOperation|^AuthFailure$/;

/** A refusal of the credentials is a no. Any other failure proves nothing, neither that the call is allowed nor that it is not. */
function judge(error: unknown): Omit<TriedAction, 'action'> {
  const because = error instanceof Error ? error.message : String(error);
  if (!(error instanceof CloudError)) {
    // No credentials at all is known as surely as a refusal; a network that fails is not.
    return error instanceof NoCredentialsError
      ? { allowed: false, because, refused: 'absent' }
      : { allowed: undefined, because };
  }
  if (error.code === 'AuthFailure.SignatureExpire') return { allowed: false, because, refused: 'clock' };
  if (ACTION_REFUSED.test(error.code)) return { allowed: false, because };
  return error.code.startsWith('AuthFailure.')
    ? { allowed: false, because, refused: 'key' }
    : { allowed: undefined, because };
}

/** Cloud Monitor takes times without fractions of a second. */
const rfc3339 = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, '+00:00');
