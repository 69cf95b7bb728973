/** Text from outside, poured through every verb, printer, message and progress line: a terminal obeys none of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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
import { check } from '../../lib/flows/verbs/check.ts';
import { drain } from '../../lib/flows/verbs/drain.ts';
import { history } from '../../lib/flows/verbs/history.ts';
import { plan } from '../../lib/flows/verbs/plan.ts';
import { status } from '../../lib/flows/verbs/status.ts';
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

/** Every text in it but those that decide how it is shown. */
function poisoned(value: unknown, key = ''): unknown {
  if (typeof value === 'string')
    return /^(verb|dryRun|level|state|step|health|at)$/.test(key) ? value : `${value}${EVIL}`;
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
});
