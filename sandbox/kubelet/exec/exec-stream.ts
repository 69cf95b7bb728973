/**
 * exec over a WebSocket, the kubelet's side of the subprotocols v5 and v4.channel.k8s.io: binary frames whose first
 * byte is the channel (Kubernetes: apimachinery/pkg/util/remotecommand, KEP-4006).
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import type { ShellResult } from '../container/shell.ts';

const Channel = { stdout: 1, stderr: 2, error: 3 } as const;
const SUBPROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
/** Standard output goes in pieces of this size, as it would from a pipe. */
const FRAME_BYTES = 32_768;

export interface ExecStreams {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
}

/** A second way to open an exec, beside the WebSocket. */
export interface ExecUpgrade {
  /** Whether this request asks for it. */
  isMeant(request: IncomingMessage): boolean;
  /** Answers the request, and sends what `run` says. */
  serve(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    streams: ExecStreams,
    run: () => Promise<ShellResult>,
  ): void;
}

/** Loaded on the first exec, and without compression: API servers relay the frames as they are. */
export async function openExecServer(): Promise<WebSocketServer> {
  const { WebSocketServer } = await import('ws');
  return new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => SUBPROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });
}

/** Answers 400 and returns false unless the request can become such a WebSocket. */
export function acceptsExec(request: IncomingMessage, socket: Duplex): boolean {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
  const upgrade = request.headers.upgrade?.toLowerCase();
  if (upgrade === 'websocket' && offered.some((protocol) => SUBPROTOCOLS.includes(protocol))) return true;
  const body = `this kubelet speaks exec over WebSocket as ${SUBPROTOCOLS.join(' or ')}; asked for ${upgrade ?? 'no upgrade'} ${offered.join(', ')}\n`;
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  return false;
}

/** Sends the result and its Status, then closes. */
export function sendResult(socket: WebSocket, streams: ExecStreams, result: ShellResult): void {
  const send = (channel: number, bytes: Buffer) => socket.send(Buffer.concat([Buffer.of(channel), bytes]));
  // An empty frame shows the client that the stream stands (Kubernetes: pkg/kubelet cri streaming, createWebSocketStreams).
  if (streams.stdout) send(Channel.stdout, Buffer.alloc(0));
  else if (streams.stderr) send(Channel.stderr, Buffer.alloc(0));
  const sendAll = (channel: number, text: string) => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += FRAME_BYTES) send(channel, bytes.subarray(at, at + FRAME_BYTES));
  };
  if (streams.stdout) sendAll(Channel.stdout, result.stdout);
  if (streams.stderr) sendAll(Channel.stderr, result.stderr);
  send(Channel.error, Buffer.from(JSON.stringify(statusOf(result.exitCode))));
  socket.close(1000);
}

/** The Status that ends an exec, as the CRI's streaming server words it. */
export function statusOf(exitCode: number): Record<string, unknown> {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}
