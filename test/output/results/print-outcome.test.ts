import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DryRun, Outcome } from '../../../lib/core/outcome/outcome.ts';
import type { StatusDetails } from '../../../lib/core/status/status-view.ts';
import { own } from '../../../lib/core/values/command.ts';
import { paintFor } from '../../../lib/output/colour.ts';
import { type OutputFormat, renderOutcome } from '../../../lib/output/results/print-outcome.ts';
import { statusPrinter } from '../../../lib/output/status/status-printer.ts';
import { printing } from './printing.ts';

const outcome = (rest: Partial<Outcome> = {}): Outcome => ({
  verb: 'drain',
  target: { namespace: 'prod', name: 'nginx' },
  dryRun: 'none',
  exitCode: 0,
  changed: true,
  results: [
    { object: 'service/nginx', action: 'drained', changed: true, note: 'ordinals 0, 1 on TCP/80' },
    { object: 'service/other', action: 'already drained', changed: false },
  ],
  refusals: [],
  next: [own('wait-zero', 'nginx')],
  ...rest,
});

const print = (value: Outcome, format?: OutputFormat) => renderOutcome(value, printing({ format }, 'prod'));

test('each object is one line on stdout: TYPE/NAME, what was done, and the facts beside it', async () => {
  const { stdout } = await print(outcome());
  assert.equal(stdout, 'service/nginx drained (ordinals 0, 1 on TCP/80)\nservice/other already drained\n');
});

describe('a dry run is marked on every line, in the words of kubectl', () => {
  const suffixes: [DryRun, string][] = [
    ['client', ' (dry run)'],
    ['server', ' (server dry run)'],
  ];
  for (const [dryRun, suffix] of suffixes) {
    test(dryRun, async () => {
      const { stdout } = await print(outcome({ dryRun }));
      assert.ok(
        stdout
          .trimEnd()
          .split('\n')
          .every((line) => line.endsWith(suffix)),
      );
    });
  }
});

test('a result that is longer than the terminal is broken between words', async () => {
  const { stdout } = await renderOutcome(outcome(), printing({ width: 40 }, 'prod'));
  assert.equal(stdout, 'service/nginx drained (ordinals 0, 1 on\n  TCP/80)\nservice/other already drained\n');
});

test('colours stand on labels alone: a sentence or a command is readable on any background', async () => {
  const { stderr } = await renderOutcome(
    outcome({ exitCode: 6, message: 'not yet' }),
    printing({ paint: paintFor(true) }, 'prod'),
  );
  assert.deepEqual(stderr.trimEnd().split('\n').slice(-2), [
    '\u001b[31merror:\u001b[39m not yet',
    '\u001b[2mnext:\u001b[22m kubectl zeroloss wait-zero nginx -n prod',
  ]);
});

test('the next command goes to stderr, with the namespace that was given', async () => {
  const { stdout, stderr } = await print(outcome({ message: 'weight 0 is confirmed' }));
  assert.equal(stderr, 'weight 0 is confirmed\nnext: kubectl zeroloss wait-zero nginx -n prod\n');
  assert.doesNotMatch(stdout, /next/);
});

test('-o name prints each object once', async () => {
  const twice = outcome({ results: [...outcome().results, ...outcome().results] });
  assert.equal((await print(twice, 'name')).stdout, 'service/nginx\nservice/other\n');
});

test('-o json prints the outcome, versioned, with commands that can be typed', async () => {
  const data: unknown = JSON.parse((await print(outcome({ details: { drainSet: [0, 1] } }), 'json')).stdout);
  assert.deepEqual(data, {
    apiVersion: 'zeroloss/v1',
    kind: 'Outcome',
    verb: 'drain',
    target: { namespace: 'prod', name: 'nginx' },
    dryRun: 'none',
    exitCode: 0,
    changed: true,
    results: outcome().results,
    refusals: [],
    next: ['kubectl zeroloss wait-zero nginx -n prod'],
    details: { drainSet: [0, 1] },
  });
});

test('-o yaml is the same data', async () => {
  const { stdout } = await print(outcome(), 'yaml');
  assert.match(stdout, /^apiVersion: zeroloss\/v1\nkind: Outcome\nverb: drain\n/);
  assert.match(stdout, /^ {2}- object: service\/nginx$/m);
});

test('nothing left to do is an answer: its lines stay on stdout and nothing is called an error', async () => {
  const { stdout, stderr } = await print(outcome({ exitCode: 3, message: 'nothing is left', next: [] }));
  assert.match(stdout, /^service\/nginx/);
  assert.equal(stderr, 'nothing is left\n');
});

test('an outcome that failed leaves stdout empty and shows on stderr what was done', async () => {
  const failed = outcome({ exitCode: 7, message: 'the load balancer still shows 10', next: [] });
  const { stdout, stderr } = await print(failed);
  assert.equal(stdout, '');
  assert.match(stderr, /^service\/nginx drained .*\n.*\nerror: the load balancer still shows 10\n$/);
  const data = JSON.parse((await print(failed, 'json')).stdout) as Record<string, unknown>;
  assert.equal(data['error'], 'the load balancer still shows 10');
  assert.equal(data['exitCode'], 7);
});

test('a verb that shows its details has its own printer, and the printing knows no verb by name', async () => {
  const shown = await renderOutcome<{ rows: string[] }>(
    { ...outcome({ verb: 'check', exitCode: 4 }), details: { rows: ['a', 'b'] } },
    printing({}, 'prod'),
    { isReport: true, text: ({ details }) => details.rows.join('\n'), notes: () => ['by eye'] },
  );
  assert.equal(shown.stdout, 'a\nb');
  assert.match(shown.stderr, /^note: by eye\n/);
  // Without one, the same verb's name makes no difference.
  const plain = await print({ ...outcome({ verb: 'check' }), details: { findings: [], counts: {} } });
  assert.match(plain.stdout, /^service\/nginx drained /);
});

test('details of a wrong shape end in an error, never in an empty text', async () => {
  const wrong = { ...outcome({ verb: 'status' }), details: { rows: 'none' } } as unknown as Outcome<StatusDetails>;
  await assert.rejects(renderOutcome(wrong, printing({}, 'prod'), statusPrinter), TypeError);
});

test('a result that stands on stdout already is not printed a second time', async () => {
  const told = outcome();
  const shown = new Set(told.results.slice(0, 1));
  const { stdout } = await renderOutcome(told, printing({ shown }, 'prod'));
  assert.equal(stdout, 'service/other already drained\n');
});
