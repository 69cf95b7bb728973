/** The two endpoints of a kubelet that the API server calls, with answers that a test chooses. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import { issueKubeletCertificate } from '../../../sandbox/apiserver/pki/kubelet-certificate.ts';
import type { Api } from './harness.ts';

export interface FakeKubelet {
  /** Method, path and the client certificate's CN of every call. */
  calls: string[];
  answerLogs: (request: IncomingMessage, response: ServerResponse) => void;
  /** undefined: every exec is refused with 404. */
  protocols: Set<string>;
  refuseExec: boolean;
  stop(): Promise<void>;
}

const CHANNEL_OUT = 1;
const CHANNEL_STATUS = 3;

/** Starts it as the kubelet of `nodeName`. An exec echoes its input in upper case and ends with Success at the input `exit`. */
export async function startFakeKubelet(api: Api, nodeName: string): Promise<FakeKubelet> {
  const { key, cert, ca } = await issueKubeletCertificate(api.stateDir, { nodeName });
  const server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: true });
  const kubelet: FakeKubelet = {
    calls: [],
    answerLogs: (_request, response) => response.end('hello\n'),
    protocols: new Set(),
    refuseExec: false,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const client of sockets.clients) client.terminate();
      }),
  };
  const record = (request: IncomingMessage) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    kubelet.calls.push(`${request.method} ${request.url} ${subject.CN}`);
  };
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  server.on('request', (request, response) => {
    record(request);
    kubelet.answerLogs(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    record(request);
    if (kubelet.refuseExec) {
      const text = 'container not found ("nginx")';
      socket.end(`HTTP/1.1 404 Not Found\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      kubelet.protocols.add(client.protocol);
      client.send(Buffer.concat([Buffer.from([CHANNEL_OUT]), Buffer.from('ready\n')]));
      client.on('message', (data: Buffer) => {
        const text = data.subarray(1).toString();
        if (text !== 'exit') {
          client.send(Buffer.concat([Buffer.from([CHANNEL_OUT]), Buffer.from(text.toUpperCase())]));
          return;
        }
        client.send(Buffer.concat([Buffer.from([CHANNEL_STATUS]), Buffer.from('{"status":"Success"}')]));
        client.close(1000);
      });
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  await api.post('/api/v1/nodes', {
    metadata: { name: nodeName },
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  });
  return kubelet;
}
