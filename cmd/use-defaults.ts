/** The workload's own defaults: read from the target before anything else, they fill in the flags that no one typed. */
import { type Refusal, RefusedError } from '../lib/core/errors.ts';
import type { MinServing, TargetIntent } from '../lib/core/intent/intent.ts';
import {
  DEFAULT_NAMES,
  DEFAULT_PREFIX,
  type DefaultName,
  type DefaultTexts,
  defaultsText,
  type JudgedDefaults,
} from '../lib/core/intent/workload-defaults.ts';
import { withinLimit } from '../lib/flows/guard/time-limit.ts';
import type { World } from '../lib/ports.ts';
import { limitOf, type VerbCall } from './verb-call.ts';

/** The answer to a default that no verb may use. */
export type BadDefaults = 'refuse' | 'warn' | 'foresee' | 'find';

/** The command line of a call, and how the call is read from it again. */
export interface Defaulting<I, D> {
  /** Undefined: none, or several. */
  statefulSet: string | undefined;
  /** Long names of the flags that the verb takes. */
  takes: readonly string[];
  typed: ReadonlyMap<string, unknown>;
  bad: BadDefaults;
  complete(texts: DefaultTexts, judged: JudgedDefaults): Promise<VerbCall<I, D>>;
}

/** A call that is complete. */
export interface Completed<I, D> {
  call: VerbCall<I, D>;
  /** The defaults that it uses. */
  used: DefaultTexts | undefined;
  /** Of every verb that it foresees: they stand first among its refusals. */
  foreseen: readonly Refusal[];
}

/** Ways to go through the pods: one that was typed leaves no room for another. */
const WAYS = ['batch', 'max-unavailable', 'from', 'to'];

/** Throws RefusedError for a default that the verb would use and may not, and what reading the StatefulSet throws. One that is not there has none. */
export async function useDefaults<I extends TargetIntent, D>(
  command: string,
  world: World,
  call: VerbCall<I, D>,
  { statefulSet, takes, typed, bad, complete }: Defaulting<I, D>,
): Promise<Completed<I, D>> {
  const taken = DEFAULT_NAMES.filter((name) => takes.includes(name));
  const asIs = { call, used: undefined, foreseen: [] };
  if (statefulSet === undefined || taken.length === 0) return asIs;
  const judged = await judge(world, limitOf(command, call.intent), statefulSet, typed.has('metric'));
  if (judged === undefined) return asIs;

  const goes = WAYS.some((way) => typed.has(way));
  const open = taken.filter((name) => !typed.has(name) && !(goes && WAYS.includes(name)));
  const own = judged.each.filter(({ name }) => open.includes(name));
  const refusals = [...own.flatMap(({ refusal }) => refusal ?? []), ...judged.strangers];
  if (refusals.length > 0 && bad === 'refuse') throw new RefusedError(refusals);
  if (bad === 'warn') for (const { message } of refusals) world.report.warn(`not used: ${message}`);

  const texts = Object.fromEntries(own.flatMap(({ name, text, refusal }) => (refusal ? [] : [[name, text]])));
  const used = Object.keys(texts).length > 0 ? (texts as DefaultTexts) : undefined;
  if (used !== undefined)
    world.report.progress(
      `defaults of statefulset/${statefulSet} (annotations ${DEFAULT_PREFIX}…): ${defaultsText(used)}`,
    );
  const finds = bad === 'find' && judged.each.length + judged.strangers.length > 0;
  const completed = used === undefined && !finds ? call : await complete(resolved(texts), judged);
  return {
    call: { ...completed, intent: raising(completed.intent, used) },
    used,
    foreseen: bad === 'foresee' ? refusals : [],
  };
}

async function judge(world: World, limitMs: number, statefulSet: string, measured: boolean) {
  const { readDefaults } = await import('../lib/flows/target/read-defaults.ts');
  const { DEFAULT_READERS, usualSources } = await import('./flags/default-flags.ts');
  return withinLimit(world, limitMs, (inner) =>
    readDefaults(inner, statefulSet, {
      sources: usualSources,
      measured,
      read: (name: DefaultName, text: string) => DEFAULT_READERS[name].read([text], name),
    }),
  );
}

/** A share is accepted where it is one pod: as a share it would grow with the replicas, and ask for less care. */
const resolved = (texts: DefaultTexts): DefaultTexts =>
  texts['max-unavailable'] === undefined ? texts : { ...texts, 'max-unavailable': '1' };

/** A floor of the workload's own only ever raises the built-in one, whatever the replicas and budgets are by then. */
function raising<I extends TargetIntent & { minServing?: MinServing }>(intent: I, used: DefaultTexts | undefined): I {
  if (used?.['min-serving'] === undefined || intent.minServing === undefined) return intent;
  return { ...intent, minServing: { ...intent.minServing, raises: true } };
}
