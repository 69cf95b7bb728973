/** How many columns of a terminal a text takes, and how it is made to take fewer. */

import { wrap } from '../cli/wrap.ts';

/** Characters that terminals draw two columns wide (Unicode, UAX 11, wide and fullwidth): Hangul, CJK, kana, fullwidth forms, pictographs. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
/** Drawn upon the character before. */
const ZERO_WIDE = /\p{Mn}|\p{Me}|\p{Cf}/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is looked for
const ASCII = /^[\x00-\x7f]*$/;

/** Columns of a terminal; texts with colour codes are not asked about. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  return [...text].reduce((sum, character) => sum + characterWidth(character), 0);
}

/** Whether a character takes two columns. */
export const isWide = (character: string): boolean => WIDE.test(character);

const characterWidth = (character: string): number => (ZERO_WIDE.test(character) ? 0 : isWide(character) ? 2 : 1);

/** The beginning that fits into `width` columns. */
function headOf(text: string, width: number): string {
  let [taken, head] = [0, ''];
  for (const character of text) {
    taken += characterWidth(character);
    if (taken > width) break;
    head += character;
  }
  return head;
}

function tailOf(text: string, width: number): string {
  let [taken, tail] = [0, ''];
  for (const character of [...text].reverse()) {
    taken += characterWidth(character);
    if (taken > width) break;
    tail = character + tail;
  }
  return tail;
}

/** A name without its middle: the part that differs between neighbours, an ordinal or a tag, stands at its end. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 2) return headOf('…', width);
  const head = headOf(text, Math.floor((width - 1) / 3));
  return `${head}…${tailOf(text, width - 1 - textWidth(head))}`;
}

/** A line without its end. */
export const cutEnd = (text: string, width: number): string =>
  textWidth(text) <= width ? text : `${headOf(text, Math.max(0, width - 1)).trimEnd()}${headOf('…', width)}`;

/** Prose in lines, broken at spaces; a word that is longer than a line loses its middle. */
export const brokenInto = (text: string, width: number): string[] =>
  wrap(text, width, textWidth).map((line) => cutMiddle(line, width));
