/** The facts that the floor is judged by, for advice: of a drain that is not begun yet. */
import type { Facts } from '../../core/facts/facts.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { SeenServing } from '../../core/safety/advised-drain.ts';
import { overriding } from '../../ports/overriding.ts';
import type { World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';
import { observe } from '../target/observe.ts';
import { readBudget } from '../target/read-budget.ts';

/** Undefined where the load balancer or the cluster cannot be asked: advice is no reason to fail, and what the drain itself warns of is not warned of here. `observed`: by the caller, a moment ago. */
export async function seenServing(
  world: World,
  facts: Facts,
  observed?: Observation,
): Promise<SeenServing | undefined> {
  const seen = await softly(world, async () => {
    const { bindings } = observed ?? (await observe(world, facts));
    const report = overriding(world.report, { warn: () => undefined });
    return { bindings, budget: await readBudget(overriding(world, { report }), facts) };
  });
  return seen.known ? seen.value : undefined;
}
