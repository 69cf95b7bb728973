/** Socket tables as a little-endian kernel prints them, by lines of their own. */
import type { Socket } from '../../../lib/sources/pod-sockets/proc-net-tcp.ts';

export const TCP =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     ';
export const TCP6 =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');

function bytesOf(address: string): Uint8Array {
  if (!address.includes(':')) return Uint8Array.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((each) => Number.parseInt(each, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 255]));
}

/** The kernel reads network bytes as numbers of its own order, 32 bits at a time, and prints them. */
function addressHex(address: string): string {
  const bytes = bytesOf(address);
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 4 }, (_, index) => hex(view.getUint32(index * 4, true), 8)).join('');
}

export function table(header: string, sockets: readonly Socket[]): string {
  const rows = sockets.map((each, index) => {
    const local = `${addressHex(each.localAddress)}:${hex(each.localPort, 4)}`;
    const remote = `${addressHex(each.remoteAddress)}:${hex(each.remotePort, 4)}`;
    return `${String(index).padStart(4)}: ${local} ${remote} ${hex(each.state, 2)} 00000000:00000000 00:00000000 00000000     0        0 ${each.inode} 1 0000000000000000 20 4 30 10 -1`;
  });
  return `${[header, ...rows].join('\n')}\n`;
}
