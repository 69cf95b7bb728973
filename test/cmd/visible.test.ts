/** Text from outside, poured through every verb, printer, message and progress line: a terminal obeys none of it. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { confirm } from '../../cmd/show/confirm.ts';
import { watchStatus } from '../../cmd/show/watch-status.ts';
import {
  CloudError,
  ConflictError,
  ConnectionError,
  DisagreesError,
  NotYetError,
  RefusedError,
  StatusError,
  UnfinishedError,
  UsageError,
} from '../../lib/core/errors.ts';
import type { Outcome } from '../../lib/core/outcome/outcome.ts';
import { advice, own } from '../../lib/core/values/command.ts';
import type { ZeroView } from '../../lib/core/zero/zero-view.ts';
import { check } from '../../lib/flows/verbs/check.ts';
import { drain } from '../../lib/flows/verbs/drain.ts';
import { history } from '../../lib/flows/verbs/history.ts';
import { plan } from '../../lib/flows/verbs/plan.ts';
import { status } from '../../lib/flows/verbs/status.ts';
import { createCommandLines } from '../../lib/output/results/command-lines.ts';
import type { World } from '../../lib/ports.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeReporter } from '../fakes/reporter.ts';
import { common, rehearse } from '../flows/rehearsal/rehearsal.ts';
import { outcomeOf, type Ran, runLine } from './harness.ts';

/** Clears the screen, goes up, recolours, sets the title, hides, reverses; C1 and separators too. */
const EVIL = '\u001b[2J\u001b[3A\u001b[31m\u001b]0;pwned\u0007\r\u0008\u009b1A\u202enur\u2066\u2028\u0000\u007f';
/** With what a terminal may be sent: tab and line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** The reporter's own way to write a line again. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const OUR_REWRITE = /\r(\u001b\[\d+A)?\u001b\[J/g;

/** The bytes that node:readline writes around a prompt. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const OUR_QUESTION = /\u001b\[\d+[GK]|\u001b\[0J|\r/g;

/** Every text in it but those that decide how it is shown. */
function poisoned(value: unknown, key = ''): unknown {
  if (typeof value === 'string')
    return /^(verb|dryRun|level|state|step|health|at|verdict|trend)$/.test(key) ? value : `${value}${EVIL}`;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => poisoned(each, key));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, poisoned(each, name)]));
}

function isInert({ stdout, stderr }: Ran, what: string): void {
  for (const [stream, text] of Object.entries({ stdout, stderr })) {
    const found = OBEYED.exec(text);
    const around = JSON.stringify(text.slice(Math.max(0, (found?.index ?? 0) - 40), (found?.index ?? 0) + 10));
    assert.equal(found, null, `${what}: ${stream}: ${around}`);
  }
}

const { world } = rehearse({ replicas: 3 });
const zero = { sources: [], stableForMs: 0 };
const OUTCOMES: readonly (readonly [line: string, outcome: () => Promise<Outcome>])[] = [
  ['status nginx', () => status(world, common)],
  ['status nginx -o wide', () => status(world, common)],
  ['check nginx -o wide', () => check(world, { ...common, ...zero } as Parameters<typeof check>[1])],
  ['history nginx -o wide', () => history(world, common)],
  ['drain nginx 0', () => drain(world, { ...common, ordinals: [0] })],
  [
    'plan nginx',
    () =>
      plan(world, {
        ...common,
        images: {},
        batch: 1,
        surge: 0,
        soakMs: 0,
        countingWords: [],
        drainingWords: [],
      } as unknown as Parameters<typeof plan>[1]),
  ],
];

describe('text from outside', () => {
  for (const [line, outcomeFor] of OUTCOMES) {
    it(`is visible in what "${line}" prints, and exact in -o json`, async () => {
      const evil = poisoned(await outcomeFor()) as Outcome;
      const shown = await runLine(line, { flow: () => evil });
      isInert(shown, line);
      assert.match(shown.stdout + shown.stderr, /\^\[\[2J/);
      const base = line.replace(' -o wide', '');
      const data = await runLine(`${base} -o json`, { flow: () => evil });
      isInert(data, `${base} -o json`);
      assert.ok(JSON.stringify(JSON.parse(data.stdout)).includes(JSON.stringify(EVIL).slice(1, -1)), 'the exact text');
    });
  }

  for (const error of [
    new UsageError(`no ${EVIL}`, `try ${EVIL}`),
    new RefusedError(
      [{ rule: 'floor', message: EVIL, cure: advice`see ${own('drain', EVIL).note(EVIL)}`, override: EVIL }],
      EVIL,
    ),
    new UnfinishedError(new RefusedError([{ rule: 'floor', message: EVIL }]), EVIL),
    new ConflictError(EVIL, EVIL),
    new NotYetError(EVIL, EVIL),
    new DisagreesError(EVIL, EVIL),
    new ConnectionError(EVIL, { hint: EVIL, cause: new Error(EVIL) }),
    new StatusError(403, 'Forbidden', EVIL),
    new CloudError('Code', EVIL, { hint: EVIL }),
    new TypeError(EVIL),
  ]) {
    it(`is visible in a ${error.name}, and in where it came from`, async () => {
      for (const more of ['', ' -v 1', ' -o json']) {
        const line = `drain nginx 0${more}`;
        const ran = await runLine(line, { flow: () => Promise.reject(error) });
        isInert(ran, line);
        assert.match(ran.stderr, /\^\[\[2J/);
      }
    });
  }

  it('is visible in progress, warnings and traces, on a terminal too', async () => {
    for (const stderrIsTTY of [false, true]) {
      const ran = await runLine('drain nginx 0 -v 8 --color never', {
        stderrIsTTY,
        flow: ({ report }) => {
          report.progress(`waiting for ${EVIL}`);
          report.warn(`the server warns: ${EVIL}`);
          report.trace(8, `Response Body: ${EVIL}`);
          return outcomeOf();
        },
      });
      // Our own way to rewrite a line in place.
      const own = ran.stderr.replaceAll(OUR_REWRITE, '');
      isInert({ ...ran, stderr: own }, 'the reporter');
      assert.match(ran.stderr, /waiting for \^\[\[2J\^\[\[3A/);
    }
  });

  it('is visible in the live table of a wait, on a terminal and through a pipe', async () => {
    const row = { pod: 'nginx-0', listener: 'TCP/80', source: 'pod', verdict: 'busy', connections: 2, because: 'why' };
    const holders = [{ peer: '10.0.0.9', connections: 2, seenForMs: 5_000 }];
    const told = { ...row, filledMs: 0, neededMs: 30_000, trend: 'steady', holders };
    const view = poisoned({
      ...{ subject: 'ordinal 0 of statefulset/nginx', atMs: 0, waitedMs: 5_000, notes: ['nginx-0 has weight 10'] },
      backends: [{ pod: 'nginx-0', listener: 'TCP/80', wantedWeight: 0, seenWeight: null, rows: [told] }],
    }) as ZeroView;
    for (const stderrIsTTY of [false, true]) {
      const ran = await runLine('wait-zero nginx --color never', {
        stderrIsTTY,
        flow: ({ report }) => {
          report.table?.(view);
          return outcomeOf();
        },
      });
      isInert({ ...ran, stderr: ran.stderr.replaceAll(OUR_REWRITE, '') }, 'the live table');
    }
  });

  it('is visible in status -w, on a terminal and through a pipe', async () => {
    const evil = poisoned(await status(world, common)) as Awaited<ReturnType<typeof status>>;
    for (const isTTY of [true, false]) {
      const stop = new AbortController();
      let shown = '';
      const stream = {
        ...{ isTTY, columns: 200, rows: 40 },
        write(written: string) {
          shown += written;
          stop.abort(new Error('seen'));
        },
      };
      const context = {
        streams: { stdout: stream, stderr: stream },
        env: {},
        commands: createCommandLines('kubectl zeroloss', { connection: [], own: [] }),
        prose: createCommandLines('kubectl zeroloss', { connection: [], own: [] }),
        report: Object.assign(new FakeReporter(), { verbosity: 0, close: () => undefined, prose: () => undefined }),
        mask: (masked: string) => masked,
      };
      // Of a World it touches the clock and the signal alone.
      const looking = { clock: new FakeClock(), signal: stop.signal } as unknown as World;
      await assert.rejects(
        watchStatus(context, looking, async () => evil, { format: undefined, headers: true }),
        /seen/,
      );
      isInert({ stdout: shown, stderr: '', code: 0, calls: [], worlds: [] }, 'status -w');
      assert.match(shown, /\^\[\[2J/);
    }
  });

  it('is visible in a question', async () => {
    const output = new PassThrough();
    const input = new PassThrough();
    input.end('n\n');
    await confirm(`Drain ${EVIL}?\nIn ${EVIL}`, {
      input,
      output,
      signal: new AbortController().signal,
      interrupt: () => undefined,
    });
    output.end();
    const asked = (await text(output)).replaceAll(OUR_QUESTION, '');
    isInert({ stdout: asked, stderr: '', code: 0, calls: [], worlds: [] }, 'the question');
  });
});
