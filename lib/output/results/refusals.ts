/** The refusals of safety rules, grouped by rule, with their override and cure. */
import type { Refusal } from '../../core/errors.ts';
import type { CommandLines } from './command-lines.ts';

/** Lines, indented by two; a rule's cure and override stand once, after all its messages. */
export function renderRefusals(refusals: readonly Refusal[], commands: CommandLines): string[] {
  const byRule = Map.groupBy(refusals, ({ rule }) => rule);
  return [...byRule].flatMap(([rule, group]) => {
    const cures = distinct(group.map(({ cure }) => (cure === undefined ? undefined : commands.render(cure))));
    const overrides = distinct(
      group.map(({ override, price }) =>
        override === undefined || price === undefined ? override : `${override}   # ${price}`,
      ),
    );
    return [
      ...distinct(group.map(({ message }) => message)).map((message) => `  ${rule}: ${message}`),
      ...cures.flatMap((cure) => cure.split('\n')).map((cure) => `    to fix it: ${cure}`),
      ...overrides.map((override) => `    to override it: ${override}`),
    ];
  });
}

/** The same for `-o json`. */
export const refusalData = (refusals: readonly Refusal[], commands: CommandLines): object[] =>
  refusals.map(({ cure, ...refusal }) => (cure === undefined ? refusal : { ...refusal, cure: commands.render(cure) }));

const distinct = (texts: readonly (string | undefined)[]): string[] => [
  ...new Set(texts.filter((text) => text !== undefined)),
];
