/** The end of a command that has written and did not finish: the one place that names the ways on and back, and that takes back "nothing was written". */

import {
  InterruptedError,
  NotStartedError,
  NotYetError,
  OtherOperatorError,
  RefusedError,
  UnfinishedError,
  UsageError,
  ZerolossError,
} from '../errors.ts';
import { advice, kubectl, lines, own, type Way } from '../values/command.ts';
import { namesWay, toGoBack, toGoOn, way } from '../values/way.ts';

/** The command that undoes what a verb writes. Absent: `restore`, which gives weights back and takes a surplus away. */
const BACK: Readonly<Record<string, (name: string) => Way[]>> = {
  pause: (name) => [toGoBack(own('resume', name))],
  resume: (name) => [toGoBack(own('pause', name))],
  // Typed again it changes nothing.
  rollback: (name) => [
    toGoBack(
      kubectl('rollout', 'history', `statefulset/${name}`).note(
        'the revisions; rollback --to-revision takes each of them',
      ),
    ),
  ],
  scale: (name) => [toGoBack(own('restore', name).note('gives weights back; scale sets the replicas back'))],
  // It is the way back itself.
  restore: () => [],
};

/** Where a person looks, how to go on, and the command that takes back what `verb` writes; one line each. */
export const waysFrom = (verb: string, name: string, goOn = toGoOn('the same command again')): Way[] => [
  way('look', advice`to see where it stands: ${own('status', name)}`),
  goOn,
  ...(BACK[verb] ?? (() => [toGoBack(own('restore', name))]))(name),
];

/**
 * The error to end with. `wrote`: whether this run has written weights, a template, replicas or pods. A refusal (4) and a
 * usage error (2) promise that it has not; after a write they become an UnfinishedError (7). A no to a question ends with 6 and no
 * such promise. Every other error of ours keeps its class and code. Each names the ways on and back, unless the flow that knows the whole has named its own.
 */
export function endingOf(error: unknown, { verb, name }: { verb: string; name: string }, wrote: boolean): unknown {
  if (error instanceof OtherOperatorError) error.afterWrites(wrote);
  if (!wrote || !(error instanceof ZerolossError) || error instanceof InterruptedError) return error;
  const isRefusal = error instanceof RefusedError || error instanceof UsageError;
  // A no to a question that comes after a write: what it declined is not begun, and the rest stands.
  if (error instanceof NotStartedError)
    return new NotYetError('stopped here (not answered with y)', lines(...waysFrom(verb, name)));
  const known = namesWay(error.advice, 'back', 'look');
  const ownHint = error.advice === undefined ? [] : [error.advice];
  if (isRefusal) {
    const ways = waysFrom(verb, name, toGoOn('fix what stopped it, then the same command again'));
    return new UnfinishedError(error, known ? error.advice : lines(...ownHint, ...ways));
  }
  // The error's own line about going on is better than the general one.
  const ways = waysFrom(verb, name).filter((each) => each.kind !== 'on' || !namesWay(error.advice, 'on'));
  return known ? error : error.inWhole({ hint: lines(...ownHint, ...ways) });
}
