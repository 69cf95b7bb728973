/** An API server for a test, called over HTTPS with node:https alone, as a foreign client would. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { load } from 'js-yaml';
import type { KubeObject } from '../../../lib/ports.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../../sandbox/apiserver/start-apiserver.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body as JSON; undefined when it is not. */
  // biome-ignore lint/suspicious/noExplicitAny: -- tests read answers of every shape
  json: any;
}

export interface CallOptions {
  headers?: Record<string, string | string[]>;
  /** An object is sent as JSON, a text or bytes as they are. */
  body?: unknown;
  contentType?: string;
  agent?: Agent;
}

export interface Credentials {
  ca: string;
  cert?: string;
  key?: string;
  token?: string;
}

/** A server that lives as long as the file's tests, and calls to it as its administrator. */
export class Api {
  server!: ApiServer;
  stateDir = '';
  readonly #agents: Agent[] = [];
  #admin: Agent | undefined;

  async start(options: Partial<ApiServerOptions>): Promise<void> {
    this.stateDir = await mkdtemp(join(tmpdir(), 'apiserver-'));
    this.server = await startApiServer({ stateDir: this.stateDir, ...options });
    this.#admin = this.agent(await credentialsOf(this.server.kubeconfigFile));
  }

  async stop(): Promise<void> {
    for (const agent of this.#agents) agent.destroy();
    await this.server.stop();
    await rm(this.stateDir, { recursive: true });
  }

  agent({ ca, cert, key }: Credentials): Agent {
    const agent = new Agent({ keepAlive: true, ca, ...(cert === undefined ? {} : { cert, key }) });
    this.#agents.push(agent);
    return agent;
  }

  /** The answer as soon as its head is there; the body is still to come. */
  open(method: string, path: string, { headers = {}, body, contentType, agent }: CallOptions = {}) {
    const bytes = encode(body);
    return new Promise<IncomingMessage>((resolve, reject) => {
      const call = request(new URL(path, this.server.url), {
        method,
        agent: agent ?? this.#admin,
        headers: {
          ...(bytes === undefined ? {} : { 'Content-Length': String(bytes.length) }),
          ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
          ...headers,
        },
      });
      call.once('response', resolve);
      call.once('error', reject);
      call.end(bytes);
    });
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const answer = await this.open(method, path, options);
    let text = '';
    answer.setEncoding('utf8');
    for await (const chunk of answer) text += chunk;
    return { status: answer.statusCode ?? 0, headers: answer.headers, text, json: parsed(text) };
  }

  get = (path: string, headers?: CallOptions['headers']) => this.call('GET', path, headers ? { headers } : {});
  post = (path: string, body: unknown, headers?: CallOptions['headers']) =>
    this.call('POST', path, { body, contentType: 'application/json', ...(headers ? { headers } : {}) });
  put = (path: string, body: unknown) => this.call('PUT', path, { body, contentType: 'application/json' });
  merge = (path: string, body: unknown) =>
    this.call('PATCH', path, { body, contentType: 'application/merge-patch+json' });
  strategic = (path: string, body: unknown) =>
    this.call('PATCH', path, { body, contentType: 'application/strategic-merge-patch+json' });
  delete = (path: string, body?: unknown) =>
    this.call('DELETE', path, body === undefined ? {} : { body, contentType: 'application/json' });

  /** A watch whose events are read one by one. */
  async watch(path: string, headers?: CallOptions['headers']): Promise<Watch> {
    return new Watch(await this.open('GET', path, headers ? { headers } : {}));
  }
}

export class Watch {
  readonly answer: IncomingMessage;
  readonly #lines: AsyncIterator<string>;

  constructor(answer: IncomingMessage) {
    this.answer = answer;
    this.#lines = linesOf(answer);
  }

  /** The next event; undefined when the server has ended the stream. */
  // biome-ignore lint/suspicious/noExplicitAny: -- tests read events of every shape
  async next(): Promise<any> {
    const { done, value } = await this.#lines.next();
    return done ? undefined : JSON.parse(value);
  }

  async take(count: number) {
    const events = [];
    for (let index = 0; index < count; index += 1) events.push(await this.next());
    return events;
  }

  close(): void {
    this.answer.destroy();
  }
}

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  answer.setEncoding('utf8');
  for await (const chunk of answer) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** Starts a server before this file's tests, fills it, and stops it after them. */
export function useApi(
  options: Partial<ApiServerOptions> = {},
  fill: (api: Api) => Promise<void> = async () => undefined,
): Api {
  const api = new Api();
  before(async () => {
    await api.start(options);
    await fill(api);
  });
  after(() => api.stop());
  return api;
}

export interface KubeconfigFile {
  'current-context': string;
  clusters: { name: string; cluster: Record<string, string> }[];
  contexts: { name: string; context: Record<string, string> }[];
  users: { name: string; user: Record<string, string> }[];
}

export const kubeconfigOf = async (path: string): Promise<KubeconfigFile> =>
  load(await readFile(path, 'utf8')) as KubeconfigFile;

/** Whom a kubeconfig of ours names. */
export async function credentialsOf(kubeconfig: string): Promise<Credentials> {
  const { clusters, users } = await kubeconfigOf(kubeconfig);
  const user = users[0]?.user ?? {};
  const decode = (text = '') => Buffer.from(text, 'base64').toString('utf8');
  const ca = decode(clusters[0]?.cluster['certificate-authority-data']);
  if (user['token'] !== undefined) return { ca, token: user['token'] };
  return { ca, cert: decode(user['client-certificate-data']), key: decode(user['client-key-data']) };
}

function encode(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  return Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const PODS_PATH = '/api/v1/namespaces/default/pods';
export const CONFIG_MAPS_PATH = '/api/v1/namespaces/default/configmaps';

export const configMap = (name: string, data: Record<string, string> = {}, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

/** A pod with one container; on a node unless `nodeName` is ''. */
export function pod(name: string, spec: Record<string, unknown> = {}, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'nginx', image: 'nginx:1.25.3', ports: [{ containerPort: 80, name: 'http' }] }],
      ...spec,
    },
  };
}

export const statefulSet = (name: string, replicas = 3): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name },
  spec: {
    serviceName: name,
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'nginx', image: 'nginx:1.25.3' }] },
    },
    updateStrategy: { type: 'OnDelete' },
  },
});
