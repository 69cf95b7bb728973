/** Explains lost connections: what the client saw, joined with what the load balancer knows of the same connection. */

import type { EndReason, FateRecord } from '../clb/model.ts';
import type { LostConnection } from '../traffic/report.ts';

const CAUSES: Partial<Record<EndReason, string>> = {
  'backend-refused': 'refused: the pod had closed its port, the load balancer still sent to it',
  'backend-reset': 'cut: the pod ended with the connection open',
  unbound: 'cut: the load balancer unbound the pod',
  'no-backend': 'refused: no backend had weight',
  'dial-timeout': 'refused: the pod did not answer the load balancer',
  rescheduled: 'cut: the load balancer moved connections at weight 0',
};

/** The cause in words; falls back to what the client saw when the load balancer has nothing to add. */
export function causeOf(lost: LostConnection, fate: FateRecord | undefined): string {
  const known = fate === undefined ? undefined : CAUSES[fate.end];
  if (known !== undefined) return known;
  if (fate?.firstToClose === 'backend') return 'cut: the pod closed the connection before the answer was whole';
  return `${lost.fate}: ${lost.cause}`;
}

export function countCauses(causes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const cause of causes) counts[cause] = (counts[cause] ?? 0) + 1;
  return counts;
}
