/** One mask of secrets for cluster and cloud: what is known to be secret, and what a field's name says is secret, is never shown. */

export const MASKED = '<masked>';

/** The names of fields that hold a secret: kubeconfigs, OIDC, the cloud's API and its credential files. */
export const SECRET_NAMES =
  'token|bearerToken|access_token|id-token|id_token|refresh-token|refresh_token|password|client-secret|clientKeyData|client-key-data|secretKey|TmpSecretKey|WebIdentityToken';
const SECRET_FIELDS = new RegExp(String.raw`("(?:${SECRET_NAMES})"\s*:\s*)"(?:[^"\\]|\\.)*"`, 'gi');
/** The same in JSON that is itself a text in JSON: its quotes are escaped, and what it escapes is escaped twice. */
const SECRET_FIELDS_IN_TEXT = new RegExp(
  String.raw`(\\"(?:${SECRET_NAMES})\\"\s*:\s*)\\"(?:[^"\\]|\\\\(?:\\["\\]|[^"\\]))*\\"`,
  'gi',
);

/** The secrets that a run has used itself, hidden wherever they show up. */
export class SecretMask {
  readonly #known = new Map<string, string>();

  /** Remembers a secret, and what is shown in its place; an empty text is no secret. */
  learn(secret: string | undefined, shown: string = MASKED): void {
    if (secret) this.#known.set(secret, shown);
  }

  /** `text` without any known secret. The longest goes first: a secret may be a part of another. */
  text(text: string): string {
    let masked = text;
    for (const [secret, shown] of [...this.#known].sort(([a], [b]) => b.length - a.length))
      masked = masked.replaceAll(secret, shown);
    return masked;
  }

  /** JSON, or JSON inside a text of JSON, also without the values of fields that hold secrets by their name. */
  json(text: string): string {
    return this.text(
      text.replaceAll(SECRET_FIELDS, `$1"${MASKED}"`).replaceAll(SECRET_FIELDS_IN_TEXT, String.raw`$1\"${MASKED}\"`),
    );
  }
}

/** A secret id that can be recognised but not used: `AKID****wxyz`. */
export function maskId(secretId: string): string {
  return secretId.length < 12 ? '****' : `${secretId.slice(0, 4)}****${secretId.slice(-4)}`;
}

/** A URL, or an attempt at one, without its user:password part. A text that is no URL may lose more than that, never less. */
export function maskUserInfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, `$1${MASKED}@`);
}
