/** Which of a workload's defaults verbs may use: those that can be read, and ask for no less care than the built-in ones. */
import { type Refusal, UsageError } from '../errors.ts';
import { formatMinServing } from '../safety/floor.ts';
import { kubectl } from '../values/command.ts';
import { BUILT_IN, type DefaultValues, isAsCareful, STABLE_FOR } from './care.ts';
import {
  DEFAULT_NAMES,
  DEFAULT_PREFIX,
  type DefaultName,
  defaultTexts,
  type JudgedDefault,
  type JudgedDefaults,
} from './workload-defaults.ts';

/** The StatefulSet, and the choice that would be made without any default. */
export interface Judging {
  statefulSet: string;
  annotations: Readonly<Record<string, string>>;
  /** Without those of a surge. */
  replicas: number;
  /** Names of the sources that count where none is named; `measured`: a gauge is named. */
  sources(measured: boolean): readonly string[];
  /** A gauge is named by a flag. */
  measured: boolean;
  /** Reads a text as the flag of that name does. Throws UsageError. */
  read(name: DefaultName, text: string): unknown;
}

/** Judges every annotation with the prefix, whatever verb asks. */
export function judgeDefaults(judging: Judging): JudgedDefaults {
  const { statefulSet, annotations } = judging;
  const { texts, strangers } = defaultTexts(annotations);
  const names = new Set(texts.map(([name]) => name));
  const usual = { ...BUILT_IN, source: judging.sources(judging.measured || names.has('metric')) };
  const clash = names.has('batch') && names.has('max-unavailable');
  return {
    each: texts.map(([name, text]) =>
      clash && (name === 'batch' || name === 'max-unavailable')
        ? { name, text, refusal: clashOf(statefulSet, name) }
        : judgeOne(judging, name, text, usual),
    ),
    strangers: strangers.map((key) => ({
      rule: 'default-name',
      message: `annotation ${key} of statefulset/${statefulSet} names no default that a workload may have; those are ${DEFAULT_NAMES.join(', ')}`,
      cure: kubectl('annotate', 'statefulset', statefulSet, `${key}-`).note('removes it; everything else is a flag'),
    })),
  };
}

function judgeOne(judging: Judging, name: DefaultName, text: string, usual: DefaultValues): JudgedDefault {
  const { statefulSet, replicas } = judging;
  let value: unknown;
  try {
    value = judging.read(name, text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { name, text, refusal: unreadable(statefulSet, name, error, usual) };
  }
  // The reader is the flag's own, whose type DefaultValues repeats.
  if (!isAsCareful(name, value as never, usual[name] as never, replicas))
    return { name, text, refusal: looser(statefulSet, name, text, usual) };
  return { name, text };
}

const keyOf = (name: DefaultName): string => `${DEFAULT_PREFIX}${name}`;

const removal = (statefulSet: string, name: DefaultName, why: string) =>
  kubectl('annotate', 'statefulset', statefulSet, `${keyOf(name)}-`).note(why);

const clashOf = (statefulSet: string, name: DefaultName): Refusal => ({
  rule: 'default-value',
  message: `annotations ${keyOf('batch')} and ${keyOf('max-unavailable')} of statefulset/${statefulSet} are two ways to go through the pods: one of them is accepted`,
  cure: removal(statefulSet, name, 'keeps the other one'),
});

/** The error of the flag, the accepted values, and one of them as a command. */
function unreadable(statefulSet: string, name: DefaultName, error: UsageError, usual: DefaultValues): Refusal {
  const accepted = error.hint === undefined ? '' : `: ${error.hint}`;
  return {
    rule: 'default-value',
    message: `annotation ${keyOf(name)} of statefulset/${statefulSet}: ${error.message}${accepted}`,
    cure:
      name === 'metric'
        ? removal(statefulSet, name, 'counts without a gauge')
        : kubectl(
            'annotate',
            'statefulset',
            statefulSet,
            '--overwrite',
            `${keyOf(name)}=${usualText(name, usual)}`,
          ).note('the built-in default'),
  };
}

function looser(statefulSet: string, name: DefaultName, text: string, usual: DefaultValues): Refusal {
  return {
    rule: 'default-looser',
    message: `annotation ${keyOf(name)}=${text} of statefulset/${statefulSet} asks for less care than the built-in default ${usualText(name, usual)}: a workload's own default may only ask for more`,
    cure: removal(statefulSet, name, `the built-in default counts then: ${usualText(name, usual)}`),
    override: `--${name} ${text}`,
    price: 'less care, for one run',
  };
}

/** As its flag takes it. */
function usualText(name: DefaultName, usual: DefaultValues): string {
  if (name === 'source') return usual.source.join(',');
  if (name === 'stable-for') return STABLE_FOR;
  return name === 'min-serving' ? formatMinServing(usual['min-serving']) : '1';
}
