/** Traces at -v 8 and 9 show whole requests: this keeps secrets out of them. */

import { MASKED, maskTemplatesIn, SecretMask } from '../../core/values/mask.ts';

const SECRET_KINDS = /"kind"\s*:\s*"(Secret|SecretList|TokenReview|TokenRequest|ExecCredential)"/;

/** Hides secrets in URLs, headers and bodies that go to traces. */
export class WireMask {
  readonly #secrets = new SecretMask();

  /** Remembers a credential, for example an Authorization header's value. */
  learn(credential: string | undefined): void {
    this.#secrets.learn(credential?.replace(/^(Bearer|Basic) /, ''));
  }

  text(text: string): string {
    return this.#secrets.text(text);
  }

  url(url: URL): string {
    return this.text(url.href.replaceAll(/([?&](?:token|access_token)=)[^&]*/g, `$1${MASKED}`));
  }

  header(name: string, value: string): string {
    return /^(authorization|proxy-authorization|cookie|set-cookie)$/i.test(name) ? MASKED : this.text(value);
  }

  /** A body, without the variables of pod templates; one that speaks of secrets is not shown at all. */
  body(body: string): string {
    return SECRET_KINDS.test(body)
      ? `<masked, ${Buffer.byteLength(body)} bytes>`
      : maskTemplatesIn(this.#secrets.json(body));
  }
}
