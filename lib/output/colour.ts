/** Whether and how a stream is coloured. */
import { styleText } from 'node:util';
import type { Environment, OutputStream } from './streams.ts';

export type ColourMode = 'auto' | 'always' | 'never';

/**
 * For labels and for rows of numbers, never for sentences: no theme makes every colour readable. Of the eight basic colours
 * (ECMA-48, SGR 31 to 33), which a theme fits to its background; the bright ones and blue are not.
 */
export interface Paint {
  bad(text: string): string;
  warn(text: string): string;
  good(text: string): string;
  dim(text: string): string;
}

type Style = 'red' | 'yellow' | 'green' | 'dim';

/** kubectl's rule for auto: a terminal, TERM not dumb, NO_COLOR not set (https://no-color.org: any value but the empty one). */
export function allowsColour(mode: ColourMode, stream: OutputStream, env: Environment): boolean {
  if (mode !== 'auto') return mode === 'always';
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return stream.isTTY === true && !refused;
}

export function paintFor(coloured: boolean): Paint {
  const style = (name: Style) => (text: string) => (coloured ? styleText(name, text, { validateStream: false }) : text);
  return { bad: style('red'), warn: style('yellow'), good: style('green'), dim: style('dim') };
}
