/** HAProxy's runtime API over its Unix socket (HAProxy 2.6 Management Guide, 9.3): one connection a command. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** One server of a backend, as HAProxy shows it. */
export interface ShownServer {
  name: string;
  /** The algorithm that shares out the next connections. */
  weight: number;
  isUp: boolean;
  /** Whether a health check has come to an end since the server was added. */
  isChecked: boolean;
}

/** HAProxy's counts of one server since it was added. */
export interface CountedServer {
  name: string;
  /** Connections open now, those that it still dials included. */
  open: number;
  /** Connections that it was ever given. */
  total: number;
  bytesIn: number;
  bytesOut: number;
}

export class RuntimeApi {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Runs commands that answer nothing, or `expected`. Throws with HAProxy's words otherwise. */
  async run(commands: readonly string[], expected = /^\s*$/): Promise<void> {
    const answer = await this.#ask(commands.join('; '));
    if (!expected.test(answer)) throw new Error(`haproxy: ${commands.join('; ')}: ${answer.trim()}`);
  }

  /** `show servers state`: weight, state and health check. */
  async servers(backend: string): Promise<ShownServer[]> {
    const [, header = '', ...rows] = lines(await this.#ask(`show servers state ${backend}`));
    const names = header.replace(/^# /, '').split(' ');
    return rows.map((row) => {
      const cell = cellsOf(names, row.split(' '));
      return {
        name: cell('srv_name'),
        weight: Number(cell('srv_uweight')),
        isUp: cell('srv_op_state') === '2' && cell('srv_admin_state') === '0',
        // 0: no result yet, 1: neutral (Management Guide, "show servers state").
        isChecked: Number(cell('srv_check_result')) > 1,
      };
    });
  }

  /** `show stat` of the servers alone (type 4). */
  async counts(backend: string): Promise<CountedServer[]> {
    const [header = '', ...rows] = lines(await this.#ask(`show stat ${backend} 4 -1`));
    const names = header.replace(/^# /, '').split(',');
    return rows.map((row) => {
      const cell = cellsOf(names, row.split(','));
      const count = (name: string) => Number(cell(name));
      return {
        name: cell('svname'),
        open: count('scur'),
        total: count('stot'),
        bytesIn: count('bin'),
        bytesOut: count('bout'),
      };
    });
  }

  #ask(command: string): Promise<string> {
    const socket = connect({ path: this.#socket });
    socket.end(`${command}\n`);
    return text(socket);
  }
}

const lines = (answer: string): string[] => answer.split('\n').filter((line) => line.trim() !== '');

/** Throws for a column that this HAProxy does not have: no number is made up. */
const cellsOf = (names: readonly string[], cells: readonly string[]) => (name: string) => {
  const cell = cells[names.indexOf(name)];
  if (cell === undefined) throw new Error(`haproxy shows no ${name}`);
  return cell;
};
