/**
 * Whether the sources that answered are enough. Law: every backend is counted by at least one source, and a source that was
 * asked for by name counts all of them; one that cannot be asked yet is waited for and refuses nothing.
 */

import type { Refusal } from '../errors.ts';
import { backendKey, placeText } from '../facts/backends.ts';
import { type Advice, advice } from '../values/command.ts';
import type { Countability, CountedBackend } from './connection-series.ts';
import type { SourceChoice } from './zero-view.ts';

/** The answer of one source about the backends. */
export interface SourceAnswer {
  name: string;
  answer: readonly Countability[];
  /** The same of ports past the load balancer, where it counts such. */
  inside?: readonly Countability[];
  /** Why it could not be asked now. */
  passing?: string;
  /** Named with --source, or by flags of its own. */
  asked: boolean;
}

/** A source counts where it counts every backend; else with the reason of the first that it does not count. */
export function choiceOf({ name, answer, passing }: SourceAnswer): SourceChoice {
  const failed = answer.find((each) => !each.countable);
  const because = passing === undefined ? (failed ?? answer[0])?.because : `it cannot be asked now: ${passing}`;
  return { name, counts: failed === undefined && answer.length > 0, because: because ?? 'nothing to count' };
}

export function countableRefusals(answers: readonly SourceAnswer[], backends: readonly CountedBackend[]): Refusal[] {
  if (backends.length === 0) return [];
  const failing = answers.map((each) => ({ ...each, choice: choiceOf(each) })).filter(({ choice }) => !choice.counts);
  const isOpen = answers.some(({ passing }) => passing !== undefined);
  const counted = new Set(
    answers.flatMap(({ answer }) => answer.filter((each) => each.countable).map((each) => backendKey(each.backend))),
  );
  // A source that is still open may count the backends that no other source counts.
  const uncounted = isOpen ? [] : backends.filter((backend) => !counted.has(backendKey(backend)));
  if (uncounted.length === 0 && !failing.some(({ asked, passing }) => asked && passing === undefined)) return [];
  const why = failing.map(({ choice }) => `${choice.name}: ${choice.because}`).join('; ') || 'no source is configured';
  const what =
    uncounted.length > 0
      ? `no source can count the connections of ${[...new Set(uncounted.map(ofWhom))].join(', ')}`
      : 'a source that was asked for cannot count';
  return [{ rule: 'countable', message: `${what} (${why})`, ...cureOf(uncounted) }];
}

const ofWhom = (backend: CountedBackend): string =>
  backend.elsewhere === true ? `${backend.pod} on ${placeText(backend)}` : backend.pod;

/** A pod that no chosen Service selects may be a leftover. */
function cureOf(uncounted: readonly CountedBackend[]): { cure?: Advice } {
  const [first] = uncounted.filter(({ elsewhere }) => elsewhere === true);
  if (first === undefined) return {};
  const { balancer, listener, address, port } = first;
  return {
    cure: advice`unbind ${address}:${port} from listener ${listener.id} of ${balancer.id} in the console, if it is not needed there`,
  };
}

/** Ports past the load balancer that a Service leads to and no source counts, by themselves or as the port of a listener. */
export function uncountedInside(
  answers: readonly SourceAnswer[],
  inside: readonly CountedBackend[],
): readonly CountedBackend[] {
  const counted = new Set(
    answers
      // Only such a source sees every client of a port, by every road.
      .flatMap((each) => (each.inside === undefined ? [] : [...each.answer, ...each.inside]))
      .flatMap(({ countable, backend }) => (countable ? [podPort(backend)] : [])),
  );
  return inside.filter((backend) => backend.inside?.leads.length !== 0 && !counted.has(podPort(backend)));
}

/** Why each source does not count them. */
export const uncountedBecause = (answers: readonly SourceAnswer[]): string[] =>
  answers.map(({ name, inside }) => {
    const failed = inside?.find(({ countable }) => !countable);
    return `${name}: ${failed?.because ?? 'it does not see them'}`;
  });

/** One port of one pod, reached by any road. */
export const podPort = ({ podUid, port }: CountedBackend): string => `${podUid} ${port}`;
