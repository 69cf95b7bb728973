/** The sandbox's API server without a wire: its own handler, store, RBAC and managedFields, asked in memory. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SERVICES } from '../../../lib/ports/resources.ts';
import type { KubeObject, Resource } from '../../../lib/ports.ts';
import type { ServerContext } from '../../../sandbox/apiserver/api-exchange.ts';
import { authorize } from '../../../sandbox/apiserver/auth/authorization.ts';
import { MASTERS, Tokens, type UserIdentity } from '../../../sandbox/apiserver/auth/identity.ts';
import { bootstrap } from '../../../sandbox/apiserver/bootstrap.ts';
import { servedAs } from '../../../sandbox/apiserver/catalogue.ts';
import { handleRequest } from '../../../sandbox/apiserver/handler.ts';
import { parseRequestInfo } from '../../../sandbox/apiserver/http/request-info.ts';
import { createObject } from '../../../sandbox/apiserver/rest/write/create.ts';
import { ServiceAddresses } from '../../../sandbox/apiserver/rest/write/service-addresses.ts';
import { updateObject } from '../../../sandbox/apiserver/rest/write/update.ts';
import { Store } from '../../../sandbox/apiserver/store/store.ts';

export const NAMESPACE = 'default';

export interface ApiRequestInMemory {
  method: string;
  /** Path and query. */
  url: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

export interface ApiAnswerInMemory {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

const ADMIN = { user: 'admin', groups: [MASTERS] };

export class ApiServer {
  readonly store = new Store();
  readonly #context: ServerContext;

  constructor(now: () => number) {
    this.#context = {
      store: this.store,
      now,
      addresses: new ServiceAddresses(() => this.store.table(SERVICES).list(undefined)),
      tokens: new Tokens(),
      // No request of a history goes on to a kubelet: exec is answered before it comes here.
      kubelets: undefined as unknown as ServerContext['kubelets'],
      address: '10.0.0.1:6443',
    };
    bootstrap(this.#context, NAMESPACE);
  }

  /** A user who proves who they are by this bearer token. */
  addUser(token: string, user: string, groups: readonly string[]): void {
    this.#context.tokens.add(token, { user, groups });
  }

  /** As any client's request; it never throws. */
  async answer({ method, url, headers, body }: ApiRequestInMemory): Promise<ApiAnswerInMemory> {
    const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const request = {
      method,
      url,
      headers: given,
      rawHeaders: [],
      socket: {},
      async *[Symbol.asyncIterator]() {
        if (body !== undefined) yield body;
      },
    };
    const answer: ApiAnswerInMemory = { status: 0, headers: {}, body: Buffer.alloc(0) };
    const response = {
      headersSent: false,
      setHeader: (name: string, value: unknown) => {
        answer.headers[name.toLowerCase()] = String(value);
      },
      appendHeader: (name: string, value: unknown) => {
        answer.headers[name.toLowerCase()] = String(value);
      },
      writeHead(status: number, more: Record<string, unknown> = {}) {
        answer.status = status;
        this.headersSent = true;
        for (const [name, value] of Object.entries(more)) answer.headers[name.toLowerCase()] = String(value);
      },
      end: (whole: Buffer) => {
        answer.body = whole;
      },
    };
    await handleRequest(this.#context, request as unknown as IncomingMessage, response as unknown as ServerResponse);
    return answer;
  }

  /** Whether this user may send such a request. */
  allows(identity: UserIdentity, method: string, url: string): boolean {
    try {
      authorize(this.store, identity, parseRequestInfo(method, new URL(url, 'https://10.0.0.1')));
      return true;
    } catch {
      return false;
    }
  }

  get<T extends KubeObject>(resource: Resource, name: string): T | undefined {
    return this.store.get(resource, resource.namespaced ? NAMESPACE : undefined, name) as T | undefined;
  }

  list(resource: Resource): readonly KubeObject[] {
    return this.store.table(resource).list(resource.namespaced ? NAMESPACE : undefined);
  }

  /** A new object, at once. Throws ApiError. */
  create(resource: Resource, object: KubeObject, manager = 'admin'): KubeObject {
    const namespaced = resource.namespaced
      ? { ...object, metadata: { ...object.metadata, namespace: NAMESPACE } }
      : object;
    return createObject(this.#context, servedAs(resource), namespaced, this.#options(manager));
  }

  /** Somebody changes an object, at once, without a precondition; undefined: there is none of that name. */
  edit(
    resource: Resource,
    name: string,
    change: (object: KubeObject) => void,
    { manager = 'admin', subresource }: { manager?: string; subresource?: 'status' } = {},
  ): KubeObject | undefined {
    const live = this.get(resource, name);
    if (live === undefined) return undefined;
    const next = structuredClone(live);
    change(next);
    return updateObject(this.#context, servedAs(resource), live, next, {
      ...this.#options(manager),
      ...(subresource === undefined ? {} : { subresource }),
    });
  }

  /** Out of the store, whatever holds it. */
  remove(resource: Resource, name: string): void {
    const live = this.get(resource, name);
    if (live !== undefined) this.store.remove(servedAs(resource), live);
  }

  #options(manager: string) {
    return { dryRun: false, manager, force: false, identity: ADMIN };
  }
}
