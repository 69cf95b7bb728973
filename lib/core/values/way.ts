/** The ways out of an error, as lines that know what they are for. */
import { type Advice, advice, adviceOf, linesOf, Way, type WayKind } from './command.ts';

/** A line of this kind in words of its own: `way('on', 'the same command goes on waiting')`. */
export const way = (kind: WayKind, words: string | Advice): Way => new Way(kind, adviceOf(words).parts);

/** `to go on: …` */
export const toGoOn = (how: string | Advice): Way => way('on', advice`to go on: ${how}`);

/** `to go back: …` */
export const toGoBack = (how: string | Advice): Way => way('back', advice`to go back: ${how}`);

/** The hint of an error that another try may get past. */
export const TRY_AGAIN: Way = way('on', 'run the same command again');

export const isOfKind = (line: string | Advice, kind: WayKind): boolean => line instanceof Way && line.kind === kind;

/** Whether a hint names a way of one of these kinds. */
export const namesWay = (hint: Advice | undefined, ...kinds: readonly WayKind[]): boolean =>
  linesOf(hint).some((line) => kinds.some((kind) => isOfKind(line, kind)));
