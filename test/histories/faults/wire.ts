/** The network between one program and the world, with the faults of a history on the way. */
import { Readable } from 'node:stream';
import { WireError } from '../../../lib/clb/calls/cloud-failure.ts';
import type { Send } from '../../../lib/clb/calls/cloud-wire.ts';
import { ConnectionError } from '../../../lib/core/errors.ts';
import { connectionErrorFrom } from '../../../lib/kube/wire/connection-error.ts';
import type { ExchangeRequest, WireExchange } from '../../../lib/kube/wire/send-request.ts';
import type { ExecOptions, ExecResult } from '../../../lib/ports.ts';
import { parseRequestInfo } from '../../../sandbox/apiserver/http/request-info.ts';
import type { Fault, FaultKind } from '../history.ts';
import type { Reading } from '../invariants/too-soon.ts';
import { refusal } from '../world/clb/cloud.ts';
import type { ProcessLife } from '../world/process-life.ts';
import { scrape, scrapedPod } from '../world/scrapes.ts';
import { socketTables } from '../world/sockets.ts';
import type { Stage } from '../world/stage.ts';
import type { Moment } from './striker.ts';

/** One request of the program. */
export interface Sent {
  moment: Omit<Moment, 'verb'>;
  method: string;
  path: string;
  body: unknown;
}

export interface WireHooks {
  /** The faults that strike at this call; those of the world have struck already. */
  strike(moment: Omit<Moment, 'verb'>): readonly Fault[];
  /** A request leaves. */
  sent(sent: Sent): void;
  /** A call of the cloud leaves: `service:Action`. */
  called(action: string): void;
  /** The API server answers it, by `work`. */
  answer<T extends { status: number }>(sent: Sent, work: () => Promise<T>): Promise<T>;
  /** A reading has come in, of this moment. */
  read(kind: 'weights' | 'counts', atMs: number, pod?: string): void;
  /** The answer to a question for connections in a pod has come in, whole. */
  counted(reading: Reading): void;
  /** Until then no connection to the API server is accepted. */
  refusingUntilMs(): number;
}

export interface Wire {
  exchange: (request: ExchangeRequest) => Promise<WireExchange>;
  send: Send;
  exec: (pod: string, container: string, command: readonly string[], options?: ExecOptions) => Promise<ExecResult>;
}

export function openWire(stage: Stage, life: ProcessLife, hooks: WireHooks): Wire {
  const { clock, dice, api, cloud } = stage;
  const trip = (): Promise<void> => clock.sleep(dice.between('trip', 1, 12));
  const reset = (url: URL): ConnectionError => connectionErrorFrom({ code: 'ECONNRESET' }, url);

  async function exchange(request: ExchangeRequest): Promise<WireExchange> {
    const { method, url, body, headers } = request;
    const info = parseRequestInfo(method, url);
    const target = info.kind === 'resource' ? [info.plural, info.subresource].filter(Boolean).join('/') : info.path;
    const scraped = scrapedPod(url.pathname);
    const channel = scraped === undefined ? ('api' as const) : ('metrics' as const);
    const moment = { channel, step: `${method} ${target}`, isWrite: method !== 'GET' };
    const faults = hooks.strike(moment);
    const has = (kind: FaultKind): Fault | undefined => faults.find((fault) => fault.kind === kind);
    await life.comeBack();
    const path = `${url.pathname}${url.search}`;
    const sent = { moment, method, path, body: parsed(body) };
    hooks.sent(sent);
    await trip();
    if (clock.now() < hooks.refusingUntilMs()) {
      await life.comeBack();
      throw connectionErrorFrom({ code: 'ECONNREFUSED' }, url);
    }
    if (has('api-cut') !== undefined) {
      await life.comeBack();
      throw reset(url);
    }
    const refused = refusedBy(faults);
    const slow = has('api-slow');
    if (slow !== undefined) await clock.sleep(1_000 + slow.size * 40_000);
    const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    let counted: Reading | undefined;
    const taken = () =>
      scraped === undefined
        ? api.answer({ method, url: path, headers: plain, body })
        : scrape(stage, { path, name: scraped, faults }, (reading) => {
            hooks.read('counts', reading.atMs, scraped);
            counted = { ...reading, source: 'metrics' };
          });
    const answer = refused ?? (await hooks.answer(sent, taken));
    if (has('killed-after') !== undefined) life.kill();
    await trip();
    const late = has('api-late');
    if (late !== undefined) await clock.sleep(1_000 + late.size * 50_000);
    await life.comeBack();
    if (has('api-lost') !== undefined) throw reset(url);
    if (counted !== undefined && request.signal?.aborted !== true) hooks.counted(counted);
    return {
      status: answer.status,
      headers: { ...answer.headers, date: new Date(clock.now()).toUTCString() },
      body: Readable.from([answer.body]),
    };
  }

  const send: Send = async (request) => {
    const { service, action, signal } = request;
    hooks.called(`${service}:${action}`);
    const faults = hooks.strike({ channel: 'cloud', step: action, isWrite: false });
    const has = (kind: FaultKind) => faults.some((fault) => fault.kind === kind);
    await life.comeBack();
    await trip();
    if (has('cloud-cut')) throw new WireError({ kind: 'network', reason: 'socket hang up' }, undefined);
    if (has('cloud-throttled')) throw refusal('RequestLimitExceeded', 'too many requests');
    if (has('cloud-error')) throw refusal('InternalError', 'the cloud has stumbled');
    const answer = await cloud.send(request);
    const readAtMs = clock.now();
    await trip();
    await life.comeBack();
    signal?.throwIfAborted();
    if (action === 'DescribeTargets') hooks.read('weights', readAtMs);
    if (action === 'GetMonitorData') hooks.read('counts', readAtMs);
    return answer;
  };

  async function exec(pod: string, _container: string, _command: readonly string[], options: ExecOptions = {}) {
    const faults = hooks.strike({ channel: 'exec', step: 'exec', isWrite: false });
    const has = (kind: FaultKind) => faults.some((fault) => fault.kind === kind);
    await life.comeBack();
    await trip();
    if (has('exec-fails')) throw new ConnectionError('the exec was cut', { retryable: true });
    const { open, podUid, text: whole } = socketTables(stage, pod);
    const readAtMs = clock.now();
    await trip();
    await life.comeBack();
    options.signal?.throwIfAborted();
    const stdout = has('exec-cut') ? whole.slice(0, Math.floor(whole.length * 0.6)) : whole;
    if (!has('exec-cut')) {
      hooks.read('counts', readAtMs, pod);
      hooks.counted({ podUid, source: 'pod', atMs: readAtMs, open });
    }
    options.onStdout?.(stdout);
    return { stdout: options.onStdout === undefined ? stdout : '', stderr: '', exitCode: 0 };
  }

  return {
    exchange: (request) => abortable(exchange(request), request.signal),
    send: (request) => abortable(send(request), request.signal),
    exec: (...call) => abortable(exec(...call), call[3]?.signal),
  };
}

/** The answers that the server, or what stands before it, gives instead of taking the request. */
function refusedBy(
  faults: readonly Fault[],
): { status: number; headers: Record<string, string>; body: Buffer } | undefined {
  for (const { kind, size } of faults) {
    if (kind === 'api-409') return status(409, 'Conflict', 'the object has been modified; please apply your changes');
    if (kind === 'api-429')
      return status(429, 'TooManyRequests', 'too many requests', { 'retry-after': String(1 + Math.floor(size * 9)) });
    if (kind === 'api-5xx') {
      const [code, reason] = (
        [
          [500, 'InternalError'],
          [503, 'ServiceUnavailable'],
          [504, 'Timeout'],
        ] as const
      )[Math.floor(size * 3)] ?? [500, ''];
      return status(code, reason, 'etcdserver: request timed out');
    }
  }
  return undefined;
}

function status(code: number, reason: string, message: string, headers: Record<string, string> = {}) {
  const text = JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message });
  return { status: code, headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(text) };
}

const parsed = (body: Buffer | undefined): unknown =>
  body === undefined ? undefined : JSON.parse(body.toString('utf8'));

/** Rejects with the signal's reason as soon as it aborts; what is under way ends by itself. */
function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
