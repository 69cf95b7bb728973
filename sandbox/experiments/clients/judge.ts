/** Other people's clients as judges: wrk and fortio, where they are on PATH. */
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { JudgePlan } from '../experiment.ts';

export interface Judgement {
  requests: number;
  lost: number;
}

export interface Judge {
  /** Asks the program to end, and resolves with what it counted. Twice gives the same. */
  stop(): Promise<Judgement>;
}

/** They are asked to end earlier; this is for a rehearsal that was killed. */
const LONGEST_SECONDS = 300;

const PROGRAMS = {
  wrk: {
    args: (url: string, { clients }: JudgePlan) => [
      `-t${Math.min(2, clients)}`,
      `-c${clients}`,
      `-d${LONGEST_SECONDS}s`,
      '-H',
      'Connection: Close',
      url,
    ],
    parse: parseWrk,
  },
  fortio: {
    args: (url: string, { clients, reuse }: JudgePlan) => [
      'load',
      '-c',
      `${clients}`,
      '-qps',
      '500',
      '-t',
      `${LONGEST_SECONDS}s`,
      '-quiet',
      ...(reuse === undefined ? [] : ['-connection-reuse', reuse]),
      '-json',
      '-',
      url,
    ],
    parse: parseFortio,
  },
} as const;

/** Whether a program is there to be run. */
export async function isOnPath(program: string, path: string): Promise<boolean> {
  for (const folder of path.split(delimiter)) {
    const found = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

export function startJudge(door: { host: string; port: number }, plan: JudgePlan): Judge {
  const { program, path } = plan;
  const { args, parse } = PROGRAMS[program];
  const child = spawn(program, args(`http://${door.host}:${door.port}${path}`, plan), {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  ended.catch(() => undefined); // `stop` reports it.
  return {
    async stop() {
      child.kill('SIGINT');
      await ended;
      return parse(output);
    },
  };
}

/** `8969 requests in 28.24s`, `Socket errors: connect 0, read 3, write 0, timeout 0`, `Non-2xx or 3xx responses: 366`. */
export function parseWrk(output: string): Judgement {
  const answered = Number(/(\d+) requests in/.exec(output)?.[1] ?? 0);
  const errors = [...(/Socket errors: (.*)/.exec(output)?.[1] ?? '').matchAll(/\w+ (\d+)/g)];
  const unanswered = errors.reduce((sum, [, count]) => sum + Number(count), 0);
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0);
  return { requests: answered + unanswered, lost: refused + unanswered };
}

/** fortio's JSON: `RetCodes` by status, -1 for a request without one. */
export function parseFortio(output: string): Judgement {
  const { RetCodes = {} } = JSON.parse(output.slice(Math.max(0, output.indexOf('{')))) as {
    RetCodes?: Record<string, number>;
  };
  const codes = Object.entries(RetCodes);
  return {
    requests: codes.reduce((sum, [, count]) => sum + count, 0),
    lost: codes.filter(([code]) => code !== '200').reduce((sum, [, count]) => sum + count, 0),
  };
}
