/** The audit of a rolling update, as findings of one group: it is the same for a Deployment and for a StatefulSet. */
import type { Finding } from '../check/findings.ts';
import { connectionsFinding } from './open-connections.ts';
import { podNetworkFinding } from './pod-network.ts';
import { probeFindings } from './probes.ts';
import type { RolloutFacts } from './rollout-facts.ts';
import { rolloutOwners } from './rollout-owners.ts';
import { strategyFindings } from './rollout-strategy.ts';

export const rolloutFindings = (facts: RolloutFacts): Finding[] => [
  ...strategyFindings(facts.workload),
  ...probeFindings(facts.workload, facts.startSeconds),
  ...rolloutOwners(facts),
  podNetworkFinding(facts),
  connectionsFinding(facts),
];
