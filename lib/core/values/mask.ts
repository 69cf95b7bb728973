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

/** A flag or a variable that holds a credential by its name, and what stands between it and its value. */
export const CREDENTIAL = String.raw`[\w.-]*(?:passw(?:or)?d|secret|token|credential|(?:api|access|private)[-_]?key)[\w.-]*`;
const NAMED_VALUE = new RegExp(String.raw`(${CREDENTIAL}\s*[=:]\s*|-${CREDENTIAL}\s+)("[^"]*"|'[^']*'|[^\s"']+)`, 'gi');
const BARE_FLAG = new RegExp(`^-${CREDENTIAL}$`, 'i');
/** The same in JSON: `"--password=x"`, and `"--password", "x"`, with quotes that are escaped where the JSON is itself a text. */
const IN_JSON = new RegExp(
  String.raw`(-${CREDENTIAL}(?:=|\s+|\\*"\s*,\s*\\*")|\b${CREDENTIAL}=)((?:\\(?!")|[^\s"'\\,])+)`,
  'gi',
);
const ENV = /\\*"env\\*"\s*:/;
const VALUES = /("value"\s*:\s*)"(?:[^"\\]|\\.)*"/g;
const VALUES_IN_TEXT = /(\\"value\\"\s*:\s*)\\"(?:[^"\\]|\\\\(?:\\["\\]|[^"\\]))*\\"/g;

/**
 * A mask of pod templates: the values of variables and headers, and what follows a credential's name in a command, as
 * `<masked 1>`, `<masked 2>`. Equal values have the same number, so that two templates can be compared.
 */
export function createTemplateMask(): (template: unknown) => unknown {
  const numbers = new Map<string, number>();
  const hidden = (value: string): string => {
    if (!numbers.has(value)) numbers.set(value, numbers.size + 1);
    return `<masked ${numbers.get(value)}>`;
  };
  const word = (text: string): string =>
    text.replaceAll(NAMED_VALUE, (_, name: string, value: string) => `${name}${hidden(value)}`);
  const words = (list: readonly unknown[]): unknown[] =>
    list.map((each, at) => {
      const before = list[at - 1];
      if (typeof each !== 'string') return masked(each);
      return typeof before === 'string' && BARE_FLAG.test(before) ? hidden(each) : word(each);
    });
  const valued = (item: unknown): unknown =>
    typeof item === 'object' && item !== null && typeof (item as { value?: unknown }).value === 'string'
      ? { ...item, value: hidden((item as { value: string }).value) }
      : masked(item);
  const masked = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(masked);
    if (typeof value !== 'object' || value === null) return value;
    const of = (key: string, one: unknown): unknown => {
      if (!Array.isArray(one)) return masked(one);
      if (key === 'env' || key === 'httpHeaders') return one.map(valued);
      return key === 'command' || key === 'args' ? words(one) : masked(one);
    };
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, of(key, one)]));
  };
  return masked;
}

/** JSON of the API, or a piece of it, without the values that pod templates give to variables and commands. */
export function maskTemplatesIn(json: string): string {
  const masked = json.replaceAll(IN_JSON, `$1${MASKED}`);
  if (!ENV.test(masked)) return masked;
  return masked.replaceAll(VALUES, `$1"${MASKED}"`).replaceAll(VALUES_IN_TEXT, String.raw`$1\"${MASKED}\"`);
}
