/** Warns of weights that no verb will give back, with the command that clears them. */

import { StatusError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import { readService } from '../../core/facts/service-facts.ts';
import { advice, lines, own } from '../../core/values/command.ts';
import { leftOn } from '../../core/weights/left-behind.ts';
import { SERVICES } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';

/** The same error, with the commands that clear the Services by hand where one of them still names the StatefulSet. */
export async function withOrphanedWeights(world: World, name: string, error: unknown): Promise<unknown> {
  if (!(error instanceof StatusError) || error.httpStatus !== 404) return error;
  const found = await world.kube.list(SERVICES, { signal: world.signal }).catch(() => undefined);
  const left = (found?.items ?? []).map(readService).flatMap((service) => {
    const here = leftOn(service, name);
    return here === undefined ? [] : [`${here.text}, also for a new StatefulSet of this name`, here.command];
  });
  if (left.length === 0) return error;
  return new StatusError(error.httpStatus, error.reason, error.serverMessage, {
    message: error.message,
    hint: lines(...(error.advice === undefined ? [] : [error.advice]), ...left),
  });
}

/** Warns of Services that keep weights of the target and no longer lead to its pods. A reporter shows the same warning once. */
export function warnOfLeftBehind({ report }: World, { set, leftBehind }: Facts): void {
  for (const { service, text } of leftBehind)
    report.warn(
      advice`service/${service} no longer selects the pods of statefulset/${set.name}: ${text}\n${own('restore', set.name, '--weights-only', '--service', service).note('gives the weights back there only')}`,
    );
}
