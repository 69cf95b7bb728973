/** `make histories-mutants`: searches for the first history that finds each planted fault (ONLY=part of a name, FROM, SEEDS). */
import { bundleHistories } from '../campaign/bundle.ts';
import { runCampaign } from '../campaign/crew.ts';
import { MUTANTS } from './plants.ts';

const count = Number(process.env['SEEDS'] || 2_000);
const first = Number(process.env['FROM'] || 1);
const only = process.env['ONLY'] ?? '';

let missed = 0;
for (const [index, mutant] of MUTANTS.entries()) {
  if (!mutant.name.includes(only)) continue;
  const bundle = await bundleHistories(`mutant-${index}`, mutant.plants);
  let found: { seed: number; what: string } | undefined;
  let histories = 0;
  await runCampaign({
    bundle,
    seeds: Array.from({ length: count }, (_, at) => first + at),
    shrinks: 0,
    onTold({ seed, report }) {
      histories += 1;
      const broken = report.violations.find(({ invariant }) => invariant === mutant.breaks);
      if (broken !== undefined && (found === undefined || seed < found.seed)) found = { seed, what: broken.what };
      return found !== undefined;
    },
  });
  missed += found === undefined ? 1 : 0;
  console.log(
    found === undefined
      ? `NOT FOUND in ${histories} histories: ${mutant.name}`
      : `seed ${found.seed}, after ${histories} histories: ${mutant.name} (${found.what.slice(0, 120)})`,
  );
}
process.exitCode = missed > 0 ? 1 : 0;
