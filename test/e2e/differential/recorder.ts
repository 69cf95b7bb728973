/** Makes raw requests and keeps each with its answer. Raw, because the comparison is about the bytes' meaning, not about a client's view. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { text } from '../../../lib/core/values/read.ts';

export interface Ask {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  /** Sent as it is; default for a body: application/json. */
  contentType?: string;
  accept?: string;
}

export interface Answer {
  status: number;
  contentType: string;
  /** `Warning` headers, without the agent. */
  warnings: readonly string[];
  /** Parsed when it is JSON; of a watch, the events in order. */
  body: unknown;
}

/** The parts that are compared: the request as the case wrote it, and what came back. */
export interface Exchange {
  ask: string;
  answer: Answer;
}

export const PATCH_TYPE = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

export class Recorder {
  /** The namespace that the cases work in. */
  readonly namespace: string;
  readonly exchanges: Exchange[] = [];
  readonly #server: URL;
  readonly #options: RequestOptions;

  private constructor(namespace: string, server: URL, options: RequestOptions) {
    this.namespace = namespace;
    this.#server = server;
    this.#options = options;
  }

  /** Throws when the kubeconfig has no current cluster. */
  static async open(kubeconfigFile: string, namespace: string): Promise<Recorder> {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfigFile);
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error(`${kubeconfigFile} has no current cluster`);
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized = true } = options;
    const agent = new Agent({ ca, cert, key, rejectUnauthorized, keepAlive: true });
    return new Recorder(namespace, new URL(server), { ...options, agent });
  }

  close(): void {
    if (this.#options.agent instanceof Agent) this.#options.agent.destroy();
  }

  /** The 34 of a server of Kubernetes 1.34, as it calls itself. Throws when it says none. */
  async minor(): Promise<number> {
    const { body } = await this.ask({ method: 'GET', path: '/version' });
    const minor = Number.parseInt(text(body, 'minor') ?? '', 10);
    if (Number.isNaN(minor)) throw new Error(`the server at ${this.#server.host} names no minor version`);
    return minor;
  }

  /** One exchange, recorded. */
  async record(ask: Ask): Promise<Answer> {
    const answer = await this.ask(ask);
    this.exchanges.push({
      ask: `${ask.method} ${ask.path.replace(/resourceVersion=\d{2,}/, 'resourceVersion=N')}`,
      answer,
    });
    return answer;
  }

  /** A value that a case worked out of unrecorded answers, to be compared like an exchange. */
  note(what: string, body: unknown): void {
    this.exchanges.push({ ask: what, answer: { status: 0, contentType: '', warnings: [], body } });
  }

  /** One exchange, not recorded. */
  async ask({ method, path, body, contentType, accept = 'application/json' }: Ask): Promise<Answer> {
    const bytes = body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const headers: Record<string, string> = { Accept: accept, 'User-Agent': 'differential' };
    if (bytes !== undefined) {
      headers['Content-Type'] = contentType ?? 'application/json';
      headers['Content-Length'] = String(bytes.length);
    }
    const sent = request(new URL(path.replaceAll('NAMESPACE', this.namespace), this.#server), {
      ...this.#options,
      method,
      headers: { ...this.#options.headers, ...headers },
    });
    sent.end(bytes);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const received = Buffer.concat(chunks).toString();
    return {
      status: response.statusCode ?? 0,
      contentType: response.headers['content-type'] ?? '',
      warnings: warningsOf(response),
      body: parseBody(received, new URLSearchParams(path.split('?')[1]).get('watch') === 'true'),
    };
  }
}

function warningsOf({ headersDistinct }: IncomingMessage): string[] {
  return (headersDistinct['warning'] ?? []).map((line) => line.replace(/^299 \S+ /, ''));
}

function parseBody(received: string, isWatch: boolean): unknown {
  try {
    if (!isWatch) return JSON.parse(received);
    return received
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  } catch {
    return received;
  }
}
