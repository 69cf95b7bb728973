/** Makes the context of one command line: colours, masks, progress on stderr, and command lines to type next. */

import { flagName, type RawArguments } from '../lib/cli/arguments.ts';
import { carriedTo } from '../lib/cli/carried.ts';
import { cloudFlags, SECRET_FLAGS } from '../lib/cli/cloud-flags.ts';
import { connectionFlags } from '../lib/cli/connection-flags.ts';
import type { LoadedCommand } from '../lib/cli/define-command.ts';
import { CONNECTION, OWN, type WrittenFlag, writtenFlags } from '../lib/cli/repeated.ts';
import { commonFlags, serviceFlag } from '../lib/cli/verb-flags.ts';
import { asciiStream, takesUtf8 } from '../lib/output/ascii.ts';
import { allowsColour, type ColourMode, paintFor } from '../lib/output/colour.ts';
import { createReporter } from '../lib/output/live/reporter.ts';
import { createMask } from '../lib/output/mask-secrets.ts';
import { unbroken } from '../lib/output/prose.ts';
import { createCommandLines } from '../lib/output/results/command-lines.ts';
import type { Context, Host } from './context.ts';

/** Variables whose values are never shown. */
const SECRET_VARIABLES = ['TENCENTCLOUD_SECRET_KEY', 'TENCENTCLOUD_SESSION_TOKEN', 'TENCENTCLOUD_TOKEN'] as const;

/** A flag that cannot be read counts as absent: the command reports it. */
export function createContext(
  host: Host,
  command: LoadedCommand<Context> | undefined,
  raw: RawArguments | undefined,
): Context {
  const { env } = host;
  const given = (name: string): readonly string[] => raw?.flags.get(name) ?? [];
  const streams = takesUtf8(env) ? host.streams : inPlainText(host.streams, given('output')[0]);
  const verbosity = lenient(() => commonFlags.v.read(given('v'), 'v'), 0);
  const colour = lenient<ColourMode>(() => commonFlags.color.read(given('color'), 'color'), 'auto');

  const written = (names: readonly (keyof typeof REPEATABLE)[]) =>
    writtenFlags(names, Object.fromEntries(names.map((name) => [name, readLenient(name, given)])));
  const paint = paintFor(allowsColour(colour, streams.stderr, env));
  const paintOut = paintFor(allowsColour(colour, streams.stdout, env));
  const mask = createMask([
    ...secretsGiven(host.argv),
    ...SECRET_FLAGS.flatMap(given),
    ...SECRET_VARIABLES.map((name) => env[name]),
  ]);
  const live = streams.stderr.isTTY === true && env['TERM'] !== 'dumb';
  const repeated = {
    connection: [...written(CONNECTION), ...written(['namespace']).map(([, name]): WrittenFlag => ['-n', name])],
    own: written(OWN),
    carried: carriedTo(raw?.flags ?? new Map()),
  };
  const commands = createCommandLines(host.program, repeated);
  const prose = createCommandLines(host.program, repeated, unbroken);
  return {
    ...host,
    streams,
    typed: raw?.flags ?? new Map(),
    command: command?.name ?? '',
    verbosity,
    paint,
    paintOut,
    mask,
    report: createReporter({
      stream: streams.stderr,
      verbosity,
      paint,
      mask,
      live,
      render: prose.render,
      now: Date.now,
    }),
    commands,
    prose,
  };
}

/** Data and files keep the exact text. */
const inPlainText = ({ stdout, stderr }: Host['streams'], format: string | undefined): Host['streams'] => ({
  stdout: /^(json|yaml|html|sh|job)$/.test(format ?? '') ? stdout : asciiStream(stdout),
  stderr: asciiStream(stderr),
});

const REPEATABLE = { ...connectionFlags, ...cloudFlags, service: serviceFlag };

/** As absent when it cannot be read: the command then fails by itself. */
function readLenient(key: keyof typeof REPEATABLE, given: (name: string) => readonly string[]): unknown {
  const name = flagName(key);
  return lenient<unknown>(() => REPEATABLE[key].read(given(name), name), undefined);
}

/** The words behind a flag that holds a secret, on a command line that may not make sense as a whole. */
const secretsGiven = (argv: readonly string[]): string[] =>
  SECRET_FLAGS.flatMap((name) =>
    argv.flatMap((word, index) => {
      if (word.startsWith(`--${name}=`)) return [word.slice(name.length + 3)];
      return argv[index - 1] === `--${name}` ? [word] : [];
    }),
  );

/** Reading the arguments reports what cannot be read, together with all else that is wrong. */
function lenient<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
