/** The output of `cat /proc/net/tcp /proc/net/tcp6` in a pod that serves on port 80: with one client, and with none. */

import { TcpState } from '../lib/sources/pod-sockets/proc-net-tcp.ts';
import { listener } from '../test/sources/pod-sockets/opened.ts';
import { TCP, TCP6, table } from '../test/sources/pod-sockets/tables.ts';

const client = {
  ...listener,
  state: TcpState.established,
  localAddress: '10.9.9.9',
  remoteAddress: '192.0.2.1',
  remotePort: 40_000,
};

/** As the answer of an exec. */
export const socketTables = (isHeld: boolean) => ({
  exitCode: 0,
  stdout: `${table(TCP, isHeld ? [listener, client] : [listener])}${table(TCP6, [])}`,
  stderr: '',
});
