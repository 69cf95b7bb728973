/** Breaks text at spaces into lines of at most `width` columns; a longer word stays whole. `widthOf`: columns that a text takes. */
export function wrap(text: string, width: number, widthOf = (line: string): number => line.length): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
