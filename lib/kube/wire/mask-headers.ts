const SECRET_KINDS = /"kind"\s*:\s*"(Secret|SecretList|TokenReview|TokenRequest|ExecCredential)"/;

const NAMES =
  'token|bearerToken|access_token|id-token|id_token|refresh-token|refresh_token|password|client-secret|clientKeyData|client-key-data|secretKey';
const SECRET_FIELDS = new RegExp(String.raw`("(?:${NAMES})"\s*:\s*)"(?:[^"\\]|\\.)*"`, 'gi');
/** The same in JSON that is itself a text in JSON: its quotes are escaped, and what it escapes is escaped twice. */
const SECRET_FIELDS_IN_TEXT = new RegExp(
  String.raw`(\\"(?:${NAMES})\\"\s*:\s*)\\"(?:[^"\\]|\\\\(?:\\["\\]|[^"\\]))*\\"`,
  'gi',
);

/** Hides secrets in text that goes to traces; it learns the run's own credentials and hides them wherever they show up. */
export class Mask {
  readonly #known = new Set<string>();

  /** Remembers a credential, for example an Authorization header's value. */
  learn(credential: string | undefined): void {
    const bare = credential?.replace(/^(Bearer|Basic) /, '');
    if (bare) this.#known.add(bare);
  }

  text(text: string): string {
    let masked = text;
    for (const credential of this.#known) masked = masked.replaceAll(credential, '<masked>');
    return masked;
  }

  url(url: URL): string {
    return this.text(url.href.replaceAll(/([?&](?:token|access_token)=)[^&]*/g, '$1<masked>'));
  }

  header(name: string, value: string): string {
    return /^(authorization|proxy-authorization|cookie|set-cookie)$/i.test(name) ? '<masked>' : this.text(value);
  }

  /** A body; one that speaks of secrets is not shown at all. */
  body(body: string): string {
    if (SECRET_KINDS.test(body)) return `<masked, ${Buffer.byteLength(body)} bytes>`;
    return this.text(
      body.replaceAll(SECRET_FIELDS, '$1"<masked>"').replaceAll(SECRET_FIELDS_IN_TEXT, '$1\\"<masked>\\"'),
    );
  }
}
