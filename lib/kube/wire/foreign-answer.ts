/** How many characters of a foreign body an error quotes. */
const QUOTED_CHARACTERS = 160;

export const FOREIGN_ANSWER_HINT =
  'the answer is not from a Kubernetes API server; is there a proxy in between, or a wrong server URL?';

/** The first words of a page or text, without its markup. */
export function firstWords(text: string): string {
  return text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, QUOTED_CHARACTERS);
}
