/** Keeps secrets out of everything that is shown: those that are known, and what looks like one in prose. */
import { MASKED, SECRET_NAMES, SecretMask } from '../core/values/mask.ts';

/** Shorter texts are no secrets worth the name, and masking them would spoil ordinary words. */
const MIN_SECRET_LENGTH = 6;

interface Pattern {
  /** In lower case; text without any of them cannot match. To look for them is quicker by far, and most text has none. */
  signs: readonly string[];
  secret: RegExp;
  shown: string;
}

/** Fields whose values are never shown as data, in any form. */
const SECRET_FIELD = /secret|password|token|authorization|(?:private|client)-?key/i;

const PATTERNS: readonly Pattern[] = [
  { signs: ['bearer', 'basic'], secret: /\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, shown: `$1 ${MASKED}` },
  {
    signs: ['authorization'],
    secret: /(authorization(?:\\?["'])?\s*[:=]\s*(?:\\?["'])?)(?!\s|(?:Bearer|Basic)\s)(?:\\(?!["'])|[^"'\\\r\n])+/gi,
    shown: `$1${MASKED}`,
  },
  {
    signs: ['secret', 'password', 'token', 'client-key-data', 'clientkeydata'],
    secret: new RegExp(
      String.raw`((?:secret[-_]?key|${SECRET_NAMES})(?:\\?["'])?\s*[:=]\s*(?:\\?["'])?)(?:\\(?!["'])|[^\s"',}\\]){6,}`,
      'gi',
    ),
    shown: `$1${MASKED}`,
  },
  {
    signs: ['private key'],
    secret: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    shown: MASKED,
  },
];

export type Mask = (text: string) => string;

/** Masks the given values wherever they stand, and every text that looks like a token, a password or a private key. */
export function createMask(secrets: readonly (string | undefined)[]): Mask {
  const known = new SecretMask();
  for (const secret of secrets) if ((secret ?? '').length >= MIN_SECRET_LENGTH) known.learn(secret);
  return (text) => {
    let masked = known.text(text);
    const lower = masked.toLowerCase();
    for (const { signs, secret, shown } of PATTERNS)
      if (signs.some((sign) => lower.includes(sign))) masked = masked.replace(secret, shown);
    return masked;
  };
}

/** For JSON.stringify: masks every text by itself, since a mask over the whole might take quotes and braces with it. */
export function maskingFields(mask: Mask): (key: string, value: unknown) => unknown {
  return (key, value) => {
    if (typeof value !== 'string') return value;
    return SECRET_FIELD.test(key) ? MASKED : mask(value);
  };
}
