/** The kubelet's HTTPS endpoint, which the API server calls for logs and exec. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { WebSocketServer } from 'ws';
import type { Running } from '../common/running.ts';
import { sendLogs } from './container/container-logs.ts';
import type { Container } from './container/run-container.ts';
import { runCommand, type ShellResult } from './container/shell.ts';
import { acceptsExec, type ExecStreams, type ExecUpgrade, openExecServer, sendResult } from './exec/exec-stream.ts';
import type { PodWorker } from './pod/pod-worker.ts';

/** PEM texts: the endpoint's own key and certificate, and the authority that signs its clients. */
export interface KubeletCertificate {
  key: string;
  cert: string;
  ca: string;
}

export interface EndpointOptions {
  certificate: KubeletCertificate;
  /** False while the node is lost: callers are hung up on. */
  answers: () => boolean;
  find(namespace: string, pod: string): PodWorker | undefined;
  /** Another way to open an exec than the WebSocket; default none. */
  execUpgrade?: ExecUpgrade | undefined;
  now: () => number;
  log: (line: string) => void;
}

export interface KubeletEndpoint extends Running {
  port: number;
}

interface Asked {
  worker: PodWorker;
  container: Container;
}

/** Listens on a free port of 127.0.0.1. A client without a certificate of the authority gets 401. */
export async function startEndpoint(options: EndpointOptions): Promise<KubeletEndpoint> {
  const { certificate, answers, now, log } = options;
  const server = createServer({ ...certificate, requestCert: true, rejectUnauthorized: false });
  const upgraded = new Set<Duplex>();
  let execServer: Promise<WebSocketServer> | undefined;

  server.on('request', (request, response) => {
    const url = new URL(request.url ?? '/', 'https://kubelet');
    if (!answers()) request.socket.destroy();
    else if (!isTrusted(request)) refuse(response, 401, 'Unauthorized');
    else if (url.pathname === '/healthz') response.end('ok');
    else if (request.method === 'GET' && url.pathname.startsWith('/containerLogs/')) answerLogs(options, url, response);
    else if (url.pathname.startsWith('/exec/')) refuse(response, 400, 'exec needs an upgrade to WebSocket');
    else refuse(response, 404, `404 page not found: ${url.pathname}`);
  });
  server.on('upgrade', (request, socket, head) => {
    upgraded.add(socket);
    socket.on('close', () => upgraded.delete(socket));
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '/', 'https://kubelet');
    const asked = url.pathname.startsWith('/exec/') ? locate(options, url) : 'not found';
    if (!answers()) socket.destroy();
    else if (!isTrusted(request)) refuseUpgrade(socket, '401 Unauthorized', 'Unauthorized');
    else if (typeof asked === 'string') refuseUpgrade(socket, '404 Not Found', asked);
    else if (options.execUpgrade?.isMeant(request) === true)
      options.execUpgrade.serve(request, socket, head, streamsOf(url), () => runIn(asked, url, now()));
    else if (acceptsExec(request, socket)) {
      execServer ??= openExecServer();
      void execServer.then((exec) =>
        exec.handleUpgrade(request, socket, head, async (webSocket) => {
          webSocket.on('error', (error) => log(`exec: ${error.message}`));
          sendResult(webSocket, streamsOf(url), await runIn(asked, url, now()));
        }),
      );
    }
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    stop: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
  };
}

const isOn = (url: URL, name: string) => ['1', 'true'].includes(url.searchParams.get(name) ?? '');

const streamsOf = (url: URL): ExecStreams => ({
  stdin: isOn(url, 'input'),
  stdout: isOn(url, 'output'),
  stderr: isOn(url, 'error') && !isOn(url, 'tty'),
});

const isTrusted = ({ socket }: IncomingMessage) => socket instanceof TLSSocket && socket.authorized;

/** Finds `/VERB/NAMESPACE/POD/CONTAINER`; a text says what is missing. */
function locate({ find }: EndpointOptions, url: URL): Asked | string {
  const [, , namespace = '', pod = '', name = ''] = url.pathname.split('/').map(decodeURIComponent);
  const worker = find(namespace, pod);
  if (worker === undefined) return `pod ${JSON.stringify(`${pod}_${namespace}`)} not found`;
  const container = worker.container(name);
  return container === undefined ? `container ${name} not found in pod ${pod}_${namespace}` : { worker, container };
}

function answerLogs(options: EndpointOptions, url: URL, response: ServerResponse): void {
  const asked = locate(options, url);
  if (typeof asked === 'string') {
    refuse(response, 404, asked);
    return;
  }
  const { container, worker } = asked;
  const previous = url.searchParams.get('previous') === 'true';
  const log = previous ? container.previousLog : container.log;
  if (log === undefined) {
    const { name, namespace } = worker.ref;
    refuse(
      response,
      400,
      `previous terminated container "${container.plan.name}" in pod "${name}_${namespace}" not found`,
    );
  } else sendLogs(log, url.searchParams, options.now(), response, previous ? Promise.resolve() : container.lifeOver);
}

async function runIn({ worker, container }: Asked, url: URL, nowMs: number): Promise<ShellResult> {
  if (container.state.kind !== 'running')
    return { stdout: '', stderr: `container ${container.plan.name} is not running\n`, exitCode: 126 };
  const { image } = container.plan;
  const command = url.searchParams.getAll('command');
  if (container.process?.exec !== undefined) return container.process.exec(command);
  return runCommand(command, {
    hostname: worker.hostname,
    image,
    sockets: () => worker.sockets(),
    nowMs,
  });
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

function refuseUpgrade(socket: Duplex, status: string, text: string): void {
  const body = `${text}\n`;
  socket.end(`HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}
