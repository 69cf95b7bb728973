/** The parts that the tests of check share. */
import type { CheckDetails, Finding, Level } from '../../../lib/core/check/findings.ts';
import type { CheckIntent } from '../../../lib/core/intent/intent.ts';
import { check } from '../../../lib/flows/verbs/check.ts';
import type { AddressBinding, KubeObject, ListenerState } from '../../../lib/ports.ts';
import { common, type Rehearsal, type RehearsalOptions } from '../rehearsal/rehearsal.ts';

export const wish: CheckIntent = { ...common, stableForMs: 30_000, strays: [] };

export async function checked(
  rehearsal: Rehearsal,
  more: Partial<CheckIntent> = {},
): Promise<CheckDetails & { code: number }> {
  const outcome = await check(rehearsal.world, { ...wish, ...more });
  return { ...outcome.details, code: outcome.exitCode };
}

export const found = (findings: readonly Finding[], rule: string, level: Level): Finding | undefined =>
  findings.find((each) => each.rule === rule && each.level === level);

export const foreign = (weight = 10): AddressBinding => ({
  balancerId: 'lb-other',
  listenerId: 'lbl-other',
  protocol: 'TCP',
  port: 8080,
  address: '10.0.0.10',
  backendPort: 80,
  weight,
});

export interface Case {
  name: string;
  rule: string;
  options?: RehearsalOptions;
  arrange?: (rehearsal: Rehearsal) => void;
}

/** Changes what every listener of the load balancer shows. */
export const shows =
  (listener: Partial<ListenerState>) =>
  ({ balancer }: Rehearsal): void => {
    balancer.listener = listener;
  };

export const controllerConfig = (data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'tke-service-controller-config', namespace: 'kube-system' },
  data,
});

export const budget = (name: string, disruptionsAllowed: number): KubeObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'nginx' } } },
  status: { desiredHealthy: 4, disruptionsAllowed },
});
