/**
 * Prose on a terminal: lines are broken between words, below the beginning of their text. A command is a thing to copy:
 * it is never broken, and stands on a line of its own where its line is too long.
 */
import { stripVTControlCharacters } from 'node:util';
import { lineWidthOf, type OutputStream } from './streams.ts';
import { isWide, textWidth } from './text-width.ts';

/** Characters for private use (Unicode, 23.5): they stand around a command until its line is written. */
const [BEGIN, END] = ['\ue000', '\ue001'];
/** Lines go on below the text behind a label, not below the label. */
const LABEL = /^(?:error|hint|next|note|reason|Warning): /;
/** May not begin a line (Unicode, UAX 14, closing punctuation): the signs of Chinese texts. */
const CLOSING = /^[，。；：！？、）」』》】]$/;

/** The command as one thing, for `folded`. */
export const unbroken = (command: string): string => `${BEGIN}${command}${END}`;

/** The text as it is written where nothing is broken. */
const unfolded = (text: string): string => text.replaceAll(/[\ue000\ue001]/g, '');

/** As this stream takes it: a terminal gets lines that fit, and through a pipe nothing is broken. */
export function written(stream: OutputStream, text: string): string {
  const width = lineWidthOf(stream);
  return width === undefined ? unfolded(text) : folded(stream.plain?.(text) ?? text, width);
}

/** The text with each of its lines broken into lines of at most `width` columns; longer words and commands stay whole. */
export const folded = (text: string, width: number): string =>
  text
    .split('\n')
    .flatMap((line) => foldedLine(line, width))
    .join('\n');

/** One thing that is not broken: a word, a wide character, or a command. */
interface Piece {
  text: string;
  /** The spaces before it; a line break replaces them. */
  gap: string;
  isCommand: boolean;
}

function foldedLine(line: string, width: number): string[] {
  const whole = unfolded(line);
  if (columnsOf(whole) <= width) return [whole];
  const shown = stripVTControlCharacters(whole);
  const margin = /^ */.exec(shown)?.[0].length ?? 0;
  const hang = margin + (LABEL.exec(shown.slice(margin))?.[0].length ?? 2);
  const lines: string[] = [];
  let last = '';
  let behind: 'word' | 'command' | 'comment' = 'word';
  const pieces = piecesOf(line);
  for (const [at, { text, gap, isCommand }] of pieces.entries()) {
    const isComment: boolean = behind === 'comment' || (behind === 'command' && text.startsWith('# '));
    // Three spaces divide a line in two: its second half is kept together.
    const together = gap.length < 3 ? text : halfOf(pieces.slice(at));
    const fits = columnsOf(`${last}${gap}${together}`) <= width;
    // A comma behind a command, or the end of a colour, goes with it.
    const sticks = last === '' || (gap === '' && behind === 'command');
    const follows = isCommand ? /:$/.test(stripVTControlCharacters(last)) : behind === 'word' || isComment;
    if (sticks || (fits && follows)) last = `${last}${gap}${text}`;
    else {
      lines.push(last);
      const begin = isComment && !text.startsWith('# ') ? '# ' : '';
      // A command that is too long for the hang may fit without it.
      const room = isCommand && hang + columnsOf(text) > width ? Math.min(hang, 2) : hang;
      last = `${' '.repeat(room)}${begin}${text}`;
    }
    if (!sticks || isCommand) behind = isCommand ? 'command' : isComment ? 'comment' : 'word';
  }
  return [...lines, last];
}

/** Up to the next three spaces. */
function halfOf([first, ...rest]: readonly Piece[]): string {
  const end = rest.findIndex(({ gap }) => gap.length >= 3);
  const half = end < 0 ? rest : rest.slice(0, end);
  return `${first?.text ?? ''}${half.map(({ gap, text }) => `${gap}${text}`).join('')}`;
}

const columnsOf = (text: string): number => textWidth(stripVTControlCharacters(text));

/** Two commands of which the second follows a success of the first are one thing to copy. */
function piecesOf(line: string): Piece[] {
  const found = line.matchAll(/( *)(?:(\ue000[^\ue001]*\ue001(?: && \ue000[^\ue001]*\ue001)*)|((?:# )?[^ \ue000]+))/g);
  return [...found].flatMap(([, gap = '', command, word = '']): Piece[] =>
    command !== undefined ? [{ text: unfolded(command), gap, isCommand: true }] : wordPieces(word, gap),
  );
}

/** Chinese has no spaces: a line may end between any two of its characters. */
function wordPieces(word: string, gap: string): Piece[] {
  const texts: string[] = [];
  for (const character of word) {
    const before = texts.at(-1);
    const breaks = before !== undefined && (isWide(character) || isWide([...before].at(-1) ?? ''));
    if (before === undefined || (breaks && !CLOSING.test(character))) texts.push(character);
    else texts[texts.length - 1] = `${before}${character}`;
  }
  return texts.map((text, at) => ({ text, gap: at === 0 ? gap : '', isCommand: false }));
}
