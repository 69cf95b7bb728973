import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { headerText } from './header-text.ts';
import { WireMask } from './mask-wire.ts';

/** -v 8 shows this much of a body, as kubectl does; -v 10 all of it. */
const BODY_CHARACTERS = 1024;

/**
 * klog-like traces of the wire: 6 = method, URL, status and time; 7 = request headers; 8 = bodies. Secrets are masked.
 * Traces that `verbosity` leaves out are not made either: masking the pods of a large StatefulSet takes longer than reading them.
 */
export class HttpTrace {
  readonly mask = new WireMask();
  readonly #emit: (level: number, line: string) => void;

  readonly #verbosity: number;

  constructor(emit: ((level: number, line: string) => void) | undefined, verbosity = Number.POSITIVE_INFINITY) {
    this.#emit = emit ?? (() => undefined);
    this.#verbosity = emit === undefined ? Number.NEGATIVE_INFINITY : verbosity;
  }

  request(method: string, url: URL, headers: OutgoingHttpHeaders, body: Buffer | undefined): void {
    if (!this.#shows(7)) return;
    this.#emit(7, `${method} ${this.mask.url(url)}`);
    this.#headers(7, 'Request Headers:', headers);
    if (body) this.body('Request Body', body.toString('utf8'));
  }

  answer(method: string, url: URL, head: { status: number; headers: IncomingHttpHeaders; elapsedMs: number }): void {
    if (!this.#shows(6)) return;
    this.#emit(6, `${method} ${this.mask.url(url)} ${head.status} in ${Math.round(head.elapsedMs)} milliseconds`);
    this.#headers(8, 'Response Headers:', head.headers);
  }

  failure(method: string, url: URL, error: unknown): void {
    if (!this.#shows(6)) return;
    this.#emit(
      6,
      this.mask.text(`${method} ${this.mask.url(url)} failed: ${error instanceof Error ? error.message : error}`),
    );
  }

  body(title: string, text: string): void {
    if (!this.#shows(8)) return;
    const masked = this.mask.body(text);
    const rest = masked.length - BODY_CHARACTERS;
    this.#emit(8, `${title}: ${rest > 0 ? `${masked.slice(0, BODY_CHARACTERS)} [truncated ${rest} chars]` : masked}`);
    if (rest > 0) this.#emit(10, `${title}: ${masked}`);
  }

  note(level: number, line: string): void {
    if (this.#shows(level)) this.#emit(level, this.mask.text(line));
  }

  #shows(level: number): boolean {
    return level <= this.#verbosity;
  }

  #headers(level: number, title: string, headers: OutgoingHttpHeaders): void {
    if (!this.#shows(level)) return;
    this.#emit(level, title);
    for (const [name, value] of Object.entries(headers)) {
      for (const each of [value].flat())
        this.#emit(level, `    ${name}: ${this.mask.header(name, headerText(String(each)))}`);
    }
  }
}
