/** The output of `cat /proc/net/tcp /proc/net/tcp6` in a pod that serves on port 80: with one client, and with none. */

import { TcpState } from '../lib/sources/pod-sockets/proc-net-tcp.ts';
import { TCP, TCP6, table } from '../test/sources/pod-sockets/tables.ts';

const listening = {
  state: TcpState.listen,
  localAddress: '0.0.0.0',
  localPort: 80,
  remoteAddress: '0.0.0.0',
  remotePort: 0,
  inode: 1,
};
const client = {
  ...listening,
  state: TcpState.established,
  localAddress: '10.9.9.9',
  remoteAddress: '192.0.2.1',
  remotePort: 40_000,
};

/** As the answer of an exec. */
export const socketTables = (isHeld: boolean) => ({
  exitCode: 0,
  stdout: `${table(TCP, isHeld ? [listening, client] : [listening])}${table(TCP6, [])}`,
  stderr: '',
});
