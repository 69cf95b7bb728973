/** The one way in which lines are rewritten in place on a terminal: a block is drawn over the one before. */
import { stripVTControlCharacters } from 'node:util';
import { type OutputStream, sizeOf } from '../streams.ts';
import { textWidth } from '../text-width.ts';

export interface InPlace {
  /** Draws the block over the last one. No line may be wider than the terminal: it is cut before it is painted. */
  draw(lines: readonly string[]): void;
  /** Takes the block away: what follows is written in its place. Nothing happens when there is none. */
  erase(): void;
  /** Leaves the block where it stands; what follows is written below it. Nothing happens when there is none. */
  end(): void;
}

/** The cursor stays at the end of the block's last line. Nothing else may write to the terminal before `end`. */
export function createInPlace(stream: OutputStream): InPlace {
  let drawn: readonly string[] = [];
  return {
    draw(lines) {
      stream.write(
        `${drawn.length === 0 ? '' : rewrite(screenLines(drawn, sizeOf(stream).columns))}${lines.join('\n')}`,
      );
      drawn = lines;
    },
    erase() {
      if (drawn.length > 0) stream.write(rewrite(screenLines(drawn, sizeOf(stream).columns)));
      drawn = [];
    },
    end() {
      if (drawn.length > 0) stream.write('\n');
      drawn = [];
    },
  };
}

/** Up to the first line of a block of `lines`, first column, and clear from there on (ECMA-48 CUU, ED). */
const rewrite = (lines: number): string => `\r${lines > 1 ? `\u001b[${lines - 1}A` : ''}\u001b[J`;

/** Lines of the screen that a block takes now: a terminal that became narrower has broken its lines. */
const screenLines = (lines: readonly string[], columns: number): number =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(stripVTControlCharacters(line)) / columns)), 0);
