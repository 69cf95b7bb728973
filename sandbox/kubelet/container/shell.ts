/**
 * The few commands that a rehearsal pod knows: enough to look at its sockets as one would in a real one.
 * `sh -c` takes several of them, separated by `;` or `&&`, with quotes and nothing else of a shell.
 */
import { renderProcNetTcp, renderProcNetTcp6, type SocketRow } from './proc-net.ts';

/** Where a command runs. */
export interface ShellHost {
  hostname: string;
  image: string;
  sockets(): readonly SocketRow[];
  nowMs: number;
}

export interface ShellResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

type Command = (args: readonly string[], host: ShellHost) => ShellResult;

const ok = (stdout: string): ShellResult => ({ stdout, stderr: '', exitCode: 0 });
const fail = (stderr: string, exitCode: number): ShellResult => ({ stdout: '', stderr: `${stderr}\n`, exitCode });

const FILES: Readonly<Record<string, (host: ShellHost) => string>> = {
  '/proc/net/tcp': (host) => renderProcNetTcp(host.sockets()),
  '/proc/net/tcp6': () => renderProcNetTcp6(),
  '/proc/self/net/tcp': (host) => renderProcNetTcp(host.sockets()),
  '/proc/self/net/tcp6': () => renderProcNetTcp6(),
  '/etc/hostname': (host) => `${host.hostname}\n`,
};

const COMMANDS: Readonly<Record<string, Command>> = {
  cat: (files, host) => {
    const missing = files.filter((file) => FILES[file] === undefined);
    return {
      stdout: files.map((file) => FILES[file]?.(host) ?? '').join(''),
      stderr: missing.map((file) => `cat: ${file}: No such file or directory\n`).join(''),
      exitCode: missing.length > 0 ? 1 : 0,
    };
  },
  date: (_, { nowMs }) => ok(`${new Date(nowMs).toUTCString()}\n`),
  echo: (args) => ok(`${args.join(' ')}\n`),
  false: () => ({ stdout: '', stderr: '', exitCode: 1 }),
  hostname: (_, host) => ok(`${host.hostname}\n`),
  ls: (args) => ok(args.some((arg) => !arg.startsWith('-') && arg !== '/') ? '' : 'bin\netc\nproc\n'),
  sh: (args, host) => (args[0] === '-c' ? runScript(args[1] ?? '', host) : ok('')),
  true: () => ok(''),
};

/** Runs one command as exec does, without a shell. A command that the image has not got ends with exit code 126, as runc reports it. */
export function runCommand(argv: readonly string[], host: ShellHost): ShellResult {
  const [path = '', ...args] = argv;
  const command = commandOf(path, host);
  if (command !== undefined) return command(args, host);
  const why = `exec: ${JSON.stringify(path)}: executable file not found in $PATH: unknown`;
  return fail(`OCI runtime exec failed: exec failed: unable to start container process: ${why}`, 126);
}

/** An image whose name says distroless has no programs at all. */
function commandOf(path: string, host: ShellHost): Command | undefined {
  if (host.image.includes('distroless')) return undefined;
  const name = path.replace(/^\/(?:usr\/)?bin\//, '');
  const alias = name === 'bash' || name === 'ash' ? 'sh' : name;
  return Object.hasOwn(COMMANDS, alias) ? COMMANDS[alias] : undefined;
}

function runScript(script: string, host: ShellHost): ShellResult {
  const total: ShellResult = ok('');
  for (const { words, onSuccess } of splitScript(script)) {
    const [name] = words;
    if (name === undefined || (onSuccess && total.exitCode !== 0)) continue;
    const command = commandOf(name, host);
    const result = command?.(words.slice(1), host) ?? fail(`sh: 1: ${name}: not found`, 127);
    total.stdout += result.stdout;
    total.stderr += result.stderr;
    total.exitCode = result.exitCode;
  }
  return total;
}

/** Words and separators; inside quotes everything is a word. `2>/dev/null` and the like are read over. */
function splitScript(script: string): { words: string[]; onSuccess: boolean }[] {
  const steps: { words: string[]; onSuccess: boolean }[] = [{ words: [], onSuccess: false }];
  const tokens = script.matchAll(/"([^"]*)"|'([^']*)'|(&&)|(;|\n)|\d?>\S+|([^\s;&'">]+)/g);
  for (const [, double, single, and, end, bare] of tokens) {
    const word = double ?? single ?? bare;
    if (and !== undefined || end !== undefined) steps.push({ words: [], onSuccess: and !== undefined });
    else if (word !== undefined) steps.at(-1)?.words.push(word);
  }
  return steps;
}
