/** Keeps secrets out of everything that is shown. */

const MASKED = '<masked>';
/** Shorter texts are no secrets worth the name, and masking them would spoil ordinary words. */
const MIN_SECRET_LENGTH = 6;

const PATTERNS: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${MASKED}`],
  [/(authorization["']?\s*[:=]\s*["']?)(?!\s|(?:Bearer|Basic)\s)[^"'\r\n]+/gi, `$1${MASKED}`],
  [/((?:secret[-_]?key|password|token|client-key-data)["']?\s*[:=]\s*["']?)[^\s"',}]{6,}/gi, `$1${MASKED}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASKED],
];

export type Mask = (text: string) => string;

/** Masks the given values wherever they stand, and whatever looks like a token, a password or a private key. */
export function createMask(secrets: readonly (string | undefined)[]): Mask {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= MIN_SECRET_LENGTH);
  return (text) => {
    let masked = text;
    for (const secret of known) masked = masked.replaceAll(secret ?? '', MASKED);
    for (const [pattern, replacement] of PATTERNS) masked = masked.replace(pattern, replacement);
    return masked;
  };
}
