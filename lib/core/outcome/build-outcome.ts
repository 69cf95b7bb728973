/** Builds outcomes: the few fields that every verb fills in the same way. */

import { ExitCode } from '../errors.ts';
import type { Facts } from '../facts/facts.ts';
import type { TargetIntent } from '../intent/intent.ts';
import { isChange, type WeightChange } from '../weights/plan-weights.ts';
import { keyText } from '../weights/rs-weight.ts';
import type { ObjectResult, Outcome } from './outcome.ts';

type Filled = 'verb' | 'target' | 'dryRun' | 'exitCode' | 'changed' | 'refusals' | 'next';

/** Fills in what follows from facts and intent, where `rest` does not say otherwise. */
export function outcome<R extends Partial<Outcome> & Pick<Outcome, 'results'>>(
  verb: string,
  facts: { set: Pick<Facts['set'], 'namespace' | 'name'> },
  intent: TargetIntent,
  rest: R,
): Pick<Outcome, Filled> & R {
  return {
    verb,
    target: { namespace: facts.set.namespace, name: facts.set.name },
    dryRun: intent.dryRun,
    exitCode: ExitCode.done,
    changed: rest.results.some((result) => result.changed),
    refusals: [],
    next: [],
    ...rest,
  };
}

/** One result per Service: `drained`, or `already drained` when there was nothing to write. */
export function serviceResults(
  facts: Facts,
  plan: readonly WeightChange[],
  action: string,
  note: string | ((change: WeightChange) => string),
): ObjectResult[] {
  return plan.map((change) => {
    const changed = isChange(change);
    const ports = facts.services.find(({ service }) => service.name === change.service)?.service.ports ?? [];
    const on = ports.map((port) => keyText({ proto: port.protocol, port: port.port })).join(', ');
    return {
      object: `service/${change.service}`,
      action: changed ? action : `already ${action}`,
      changed,
      note: `${typeof note === 'string' ? note : note(change)} on ${on}`,
    };
  });
}
