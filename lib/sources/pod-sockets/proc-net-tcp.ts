/**
 * The kernel's tables of TCP sockets, `/proc/net/tcp` and `/proc/net/tcp6` (Linux: Documentation/networking/proc_net_tcp.rst).
 * Law: a text that is cut off, empty or not such a table is an error; it is never a table without sockets. So is a socket in a
 * state that the kernel has not got: what is not known is not no connection.
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

const STATES: ReadonlySet<number> = new Set(Object.values(TcpState));

const HEADER = /^\s*sl\s+local_address\s+rem(?:ote)?_address\s+st\s.*\binode\s*$/;
/** Behind the inode at most seven columns, of which none has a colon: so two rows that ran together are none. */
const ROW =
  /^\s*\d+: ([\dA-F]+):([\dA-F]{4}) ([\dA-F]+):([\dA-F]{4}) ([\dA-F]{2}) (?:\S+\s+){5}(\d+)(?:\s+[^\s:]+){0,7}\s*$/i;
const FIRST_WORDS = 60;

/** No table of the kernel's has a line as long. */
const LONGEST_LINE = 4096;
/** Some 600 MB of table; what goes on behind it is no table of a pod's. */
const MOST_SOCKETS = 4_000_000;

/** Every socket of `tables` tables that follow one another in one text. Throws ConnectionError when it is anything else. */
export function parseProcNetTcp(text: string, tables: number): Socket[] {
  const reader = new SocketTables();
  reader.push(text);
  return reader.end(tables);
}

/** Reads tables as they come, in pieces that end anywhere. */
export class SocketTables {
  readonly #sockets: Socket[] = [];
  #rest = '';
  #headers = 0;
  #isEmpty = true;
  #failure: ConnectionError | undefined;

  /** Whether nothing was printed at all. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Throws ConnectionError only for a stream that would never end; `end` reports every other fault. */
  push(text: string): void {
    if (text === '') return;
    this.#isEmpty = false;
    // Only the exit code shows that output is no table, so the whole output has to be read.
    if (this.#failure !== undefined) {
      this.#rest = `${this.#rest}${text}`;
      if (this.#rest.length > LONGEST_LINE * LONGEST_LINE) throw this.#failure;
      return;
    }
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    try {
      for (const line of lines) this.#take(line);
      if (this.#rest.length > LONGEST_LINE) throw malformed(`it has the line ${quote(this.#rest)}`);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#failure = error;
    }
    if (this.#sockets.length > MOST_SOCKETS) throw tooLarge();
  }

  /** Throws ConnectionError unless there were so many whole tables, and nothing else. */
  end(tables: number): Socket[] {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isEmpty) throw malformed('it is empty');
    if (this.#rest !== '') throw malformed('its last line is cut off');
    if (this.#headers !== tables) throw malformed(`it has ${this.#headers} of ${tables} tables`);
    return this.#sockets;
  }

  #take(line: string): void {
    const isHeader = HEADER.test(line);
    if (isHeader) this.#headers += 1;
    else if (this.#headers === 0) throw malformed(`it begins with ${quote(line)}`);
    else this.#sockets.push(parseRow(line));
  }
}

function parseRow(line: string): Socket {
  const [, local = '', localPort = '', remote = '', remotePort = '', state = '', inode = ''] = ROW.exec(line) ?? [];
  if (state === '' || local.length !== remote.length) throw malformed(`it has the line ${quote(line)}`);
  const number = Number.parseInt(state, 16);
  // Whether such a socket is a connection is unknown.
  if (!STATES.has(number)) throw malformed(`it has a socket in state ${state}, which is none of the kernel's`);
  return {
    state: number,
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

const tooLarge = (): ConnectionError =>
  new ConnectionError(`the socket table of the pod has more than ${MOST_SOCKETS} sockets: it cannot be counted here`, {
    hint: 'count elsewhere: --source clb',
  });
