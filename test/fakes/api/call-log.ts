/** The requests to the fake API server, and the places at which a test lets it misbehave. */
import type { PatchType, WriteOptions } from '../../../lib/ports.ts';

export interface Call {
  verb: 'get' | 'list' | 'create' | 'patch' | 'delete' | 'watch' | 'exec' | 'getText';
  /** The plural, for example `pods`; for getText the path. */
  resource: string;
  subresource?: string;
  name?: string;
  /** The object, the patch, the command, or a delete's options (uid, gracePeriodSeconds, …). */
  body?: unknown;
  patchType?: PatchType;
  dryRun?: boolean;
}

/** A call matches when every given field is equal. */
export type CallMatch = Partial<Pick<Call, 'verb' | 'resource' | 'subresource' | 'name'>>;

export class CallLog {
  readonly calls: Call[] = [];
  /** Runs before each write takes effect. */
  beforeWrite: ((call: Call) => void | Promise<void>) | undefined;
  readonly #failures: { match: CallMatch; error: Error; times: number }[] = [];
  #inBeforeWrite = false;

  failNext(match: CallMatch, error: Error, times: number): void {
    this.#failures.push({ match, error, times });
  }

  /** Notes the call; throws when it was aborted or is to fail. */
  record(
    verb: Call['verb'],
    resource: string,
    name: string | undefined,
    options: WriteOptions,
    more?: Partial<Call>,
  ): Call {
    options.signal?.throwIfAborted();
    const call: Call = { verb, resource, ...more };
    if (options.subresource !== undefined) call.subresource = options.subresource;
    if (name !== undefined) call.name = name;
    if (options.dryRun === true) call.dryRun = true;
    this.calls.push(call);
    const failure = this.#failures.find(({ match }) =>
      (Object.keys(match) as (keyof CallMatch)[]).every((field) => match[field] === call[field]),
    );
    if (failure === undefined) return call;
    failure.times -= 1;
    if (failure.times <= 0) this.#failures.splice(this.#failures.indexOf(failure), 1);
    throw failure.error;
  }

  /** As `record`, then lets the second writer have its turn. */
  async write(
    verb: Call['verb'],
    resource: string,
    name: string | undefined,
    options: WriteOptions,
    more: Partial<Call>,
  ): Promise<void> {
    const call = this.record(verb, resource, name, options, more);
    // Not while it runs, so that the second writer may use this very client.
    if (this.beforeWrite === undefined || this.#inBeforeWrite) return;
    this.#inBeforeWrite = true;
    try {
      await this.beforeWrite(call);
    } finally {
      this.#inBeforeWrite = false;
    }
  }
}
