/** The end of a check: its counts as a sentence, and the exit code that they come to. */
import { arranged, type CheckDetails, type Finding } from '../../core/check/findings.ts';
import { ExitCode } from '../../core/errors.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import type { CommandAdvice } from '../../core/values/command.ts';
import type { World } from '../../ports.ts';

interface Checked {
  name: string;
  findings: readonly Finding[];
  /** Fields of the details beside the findings. */
  more?: Partial<CheckDetails>;
  /** The price of a FAIL, behind the counts. */
  price: string;
  /** The commands after a check without a FAIL. */
  next?: readonly CommandAdvice[];
}

/** Exit 4 with a FAIL, else 0. */
export function checkOutcome(world: World, { name, findings, more, price, next = [] }: Checked): Outcome<CheckDetails> {
  const details = { ...more, ...arranged(findings) };
  const { FAIL, WARN, OK } = details.counts;
  return {
    verb: 'check',
    target: { namespace: world.kube.namespace, name },
    dryRun: 'none',
    exitCode: FAIL > 0 ? ExitCode.refused : ExitCode.done,
    changed: false,
    results: [],
    refusals: [],
    message: `${FAIL} FAIL, ${WARN} WARN, ${OK} OK${FAIL > 0 ? `: ${price}` : ''}`,
    next: FAIL > 0 ? [] : next,
    details,
  };
}
