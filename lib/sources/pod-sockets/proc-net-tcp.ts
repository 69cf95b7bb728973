/**
 * The kernel's tables of TCP sockets, `/proc/net/tcp` and `/proc/net/tcp6` (Linux: Documentation/networking/proc_net_tcp.rst).
 * Law: a text that is cut off, empty or not such a table is an error; it is never a table without sockets.
 */
import { ConnectionError } from '../../core/errors.ts';

/** Socket states as the kernel numbers them (Linux: include/net/tcp_states.h). */
export const TcpState = {
  established: 1,
  synSent: 2,
  synReceived: 3,
  finWait1: 4,
  finWait2: 5,
  timeWait: 6,
  close: 7,
  closeWait: 8,
  lastAck: 9,
  listen: 10,
  closing: 11,
} as const;

export interface Socket {
  /** As the kernel's number; see TcpState. */
  state: number;
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  /** 0: no program holds the socket any more. */
  inode: number;
}

const HEADER = /^\s*sl\s+local_address\s+rem(?:ote)?_address\s+st\s.*\binode\s*$/;
const ROW = /^\s*\d+: ([\dA-F]+):([\dA-F]{4}) ([\dA-F]+):([\dA-F]{4}) ([\dA-F]{2}) (?:\S+\s+){5}(\d+)(?:\s.*)?$/i;
const FIRST_WORDS = 60;

/** Every socket of `tables` tables that follow one another in one text. Throws ConnectionError when it is anything else. */
export function parseProcNetTcp(text: string, tables: number): Socket[] {
  if (!text.endsWith('\n')) throw malformed(text === '' ? 'it is empty' : 'its last line is cut off');
  const lines = text.slice(0, -1).split('\n');
  if (!HEADER.test(lines[0] ?? '')) throw malformed(`it begins with ${quote(lines[0] ?? '')}`);
  const headers = lines.filter((line) => HEADER.test(line)).length;
  if (headers !== tables) throw malformed(`it has ${headers} of ${tables} tables`);
  return lines.filter((line) => !HEADER.test(line)).map(parseRow);
}

function parseRow(line: string): Socket {
  const [, local = '', localPort = '', remote = '', remotePort = '', state = '', inode = ''] = ROW.exec(line) ?? [];
  if (state === '' || local.length !== remote.length) throw malformed(`it has the line ${quote(line)}`);
  return {
    state: Number.parseInt(state, 16),
    localAddress: parseAddress(local, line),
    localPort: Number.parseInt(localPort, 16),
    remoteAddress: parseAddress(remote, line),
    remotePort: Number.parseInt(remotePort, 16),
    inode: Number(inode),
  };
}

/**
 * Each 32 bits are printed as one number in the machine's own order: the bytes come reversed on little-endian machines,
 * which all node types of TKE are. Elsewhere peers would be shown with their bytes reversed, and counted all the same.
 */
function parseAddress(hex: string, line: string): string {
  if (hex.length !== 8 && hex.length !== 32) throw malformed(`it has the line ${quote(line)}`);
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return isMapped ? bytes.slice(12).join('.') : formatIPv6(bytes);
}

/** The canonical text of RFC 5952: lower case, no leading zeros, the first longest run of zero groups as `::`. */
function formatIPv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  const runs = [...groups.join(':').matchAll(/(?<![^:])0(?::0)+(?![^:])/g)].sort((a, b) => b[0].length - a[0].length);
  const [longest] = runs;
  const whole = groups.join(':');
  if (longest === undefined) return whole;
  const before = whole.slice(0, longest.index).replace(/:$/, '');
  const after = whole.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}

const quote = (line: string): string => JSON.stringify(line.slice(0, FIRST_WORDS));

const malformed = (why: string): ConnectionError =>
  new ConnectionError(`the socket table of the pod cannot be read: ${why}`, {
    hint: 'nothing was concluded from it',
    retryable: true,
  });
