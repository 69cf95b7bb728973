const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A cloud id: prefix, dash and eight random letters or digits, for example `lb-9x2kd04q`. */
export function newId(prefix: string, random: () => number): string {
  let id = '';
  for (let i = 0; i < 8; i += 1) id += ALPHABET[Math.floor(random() * ALPHABET.length)] ?? 'a';
  return `${prefix}-${id}`;
}
