/** `/proc/net/tcp` and `/proc/net/tcp6` of a pod, in the kernel's own format (Linux: Documentation/networking/proc_net_tcp). */

/** Socket states as the kernel numbers them (include/net/tcp_states.h). */
export const TcpState = { established: 1, synReceived: 3, finWait2: 5, closeWait: 8, listen: 10 } as const;
export type TcpState = (typeof TcpState)[keyof typeof TcpState];

export interface SocketRow {
  state: TcpState;
  localAddress: string;
  localPort: number;
  /** 0.0.0.0 and 0 for a listener. */
  remoteAddress: string;
  remotePort: number;
  /** Unique per socket for as long as it lives. */
  inode: number;
}

const TCP_HEADER =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'.padEnd(149);
const TCP6_HEADER =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

/** IPv4 rows only; an address that is not IPv4 is left to tcp6. */
export function renderProcNetTcp(rows: readonly SocketRow[]): string {
  const lines = rows
    .filter((row) => isIPv4(row.localAddress))
    .map((row, index) => {
      const local = `${hexAddress(row.localAddress)}:${hex(row.localPort, 4)}`;
      const remote = `${hexAddress(row.remoteAddress)}:${hex(row.remotePort, 4)}`;
      const tail = row.state === TcpState.listen ? '100 0 0 10 0' : '20 4 30 10 -1';
      const text =
        `${String(index).padStart(4)}: ${local} ${remote} ${hex(row.state, 2)} 00000000:00000000 00:00000000 00000000` +
        ` ${'0'.padStart(5)} ${'0'.padStart(8)} ${row.inode} 1 ${hex(row.inode, 16).toLowerCase()} ${tail}`;
      return text.padEnd(149);
    });
  return `${[TCP_HEADER, ...lines].join('\n')}\n`;
}

/** Rehearsal pods listen on IPv4 only, so the table has its header and nothing else. */
export function renderProcNetTcp6(): string {
  return `${TCP6_HEADER}\n`;
}

const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');

const isIPv4 = (address: string) => /^\d+\.\d+\.\d+\.\d+$/.test(address);

/** The kernel prints the 32 bits of the address as a number in host order: on little-endian machines the bytes come reversed. */
function hexAddress(address: string): string {
  return address
    .split('.')
    .reverse()
    .map((part) => hex(Number(part), 2))
    .join('');
}
