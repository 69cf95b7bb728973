import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ConnectionError, isPassing, StatusError, UsageError } from '../../../lib/core/errors.ts';
import { createMetrics } from '../../../lib/sources/metrics/count-metrics.ts';
import { readMetric } from '../../../lib/sources/metrics/exposition.ts';
import { parseMetricSelector } from '../../../lib/sources/metrics/selector.ts';
import { FakeKube } from '../../fakes/api/kube.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { pods } from '../clb-monitor/backends.ts';

const gauge = (...lines: string[]): string => ['# TYPE conns gauge', ...lines, ''].join('\n');

function open(
  text: (path: string) => string | Promise<string>,
  metric: string | undefined = 'conns',
  more: object = {},
) {
  const clock = new FakeClock();
  const paths: string[] = [];
  const kube = new FakeKube([], {
    namespace: 'prod',
    onGetText: (path) => {
      paths.push(path);
      return text(path);
    },
  });
  const selector = metric === undefined ? undefined : parseMetricSelector(metric, 'metric');
  const source = createMetrics({
    kube,
    clock,
    warn: () => undefined,
    selector,
    port: undefined,
    path: '/metrics',
    ...more,
  });
  const { drained, siblings } = pods();
  return {
    kube,
    paths,
    clock,
    prove: async () => (await source.prove([drained], siblings))[0],
    read: async () => (await source.read([drained], 0))[0],
    value: async () => (await source.read([drained], 0))[0]?.points[0]?.value,
  };
}

describe('--metric', () => {
  it('takes a name and labels that must be equal', () => {
    const { name, labels } = parseMetricSelector(' conns{port="80", path="a\\"b\\\\\\n" } ', 'metric');
    assert.deepEqual([name, labels], ['conns', { port: '80', path: 'a"b\\\n' }]);
    assert.deepEqual(parseMetricSelector('ns:conns', 'metric').labels, {});
  });
  for (const text of [
    '',
    '1x',
    'a b',
    'a{',
    'a{b}',
    'a{b=c}',
    'a{b="c"',
    'a{b!="c"}',
    'a{b=~"c"}',
    'a{b="c"}d',
    'a{b="c" c="d"}',
    'a{b="1",b="2"}',
  ])
    it(`refuses ${JSON.stringify(text)}`, () =>
      assert.throws(
        () => parseMetricSelector(text, 'metric'),
        (error) => error instanceof UsageError && /accepted: NAME/.test(error.hint ?? ''),
      ));
});

describe('the text format', () => {
  const selector = parseMetricSelector('conns', 'metric');
  it('brings every series of the metric', async () => {
    const grouped = await readMetric(gauge('conns{a="1"} 1', 'conns{a="2"} 2 1700000000000', 'other 7'), selector);
    assert.deepEqual(
      grouped.series.map(({ value, atMs }) => [value, atMs]),
      [
        [1, undefined],
        [2, 1_700_000_000_000],
      ],
    );
  });
  it('refuses a metric whose lines are torn apart by another one', async () => {
    await assert.rejects(readMetric(`${gauge('conns{a="1"} 1')}other 7\nconns{a="2"} 2\n`, selector), ConnectionError);
  });
  it('cut off anywhere never loses a series of the metric in silence', async () => {
    const text = gauge('conns{a="1"} 10', 'conns{a="2"} 20', 'conns{a="3"} 30');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: text.length - 1 }), async (length) => {
        const cut = text.slice(0, length);
        if (cut.endsWith('\n')) return;
        await assert.rejects(readMetric(cut, selector), ConnectionError);
      }),
    );
  });
  it('takes what is no count for no number', async () => {
    for (const value of ['NaN', '+Inf', '-Inf', '-1'])
      assert.equal((await readMetric(gauge(`conns ${value}`), selector)).series[0]?.value, null);
  });
  it('refuses lines that it does not understand wholly', async () => {
    for (const line of [
      'conns',
      'conns ',
      'conns{a="1"}',
      'conns zero',
      'conns 0x0',
      'conns{a=1} 0',
      'conns 0 soon',
      'conns 0, 5',
      'conns{a="1, b="2"} 0',
    ])
      await assert.rejects(readMetric(gauge(line), selector), ConnectionError, line);
  });
  it('may have blanks between labels, on the lines of any metric', async () => {
    const text =
      '# HELP conns of "all, kinds\nother{a="1", b="2"} 7\nconns{a="1, 2",\t b="}, "} 4\nconns{ a = "1" , } 3\n';
    const { series } = await readMetric(text, selector);
    assert.deepEqual(
      series.map(({ key, value }) => [JSON.parse(key), value]),
      [
        [
          [
            ['a', '1, 2'],
            ['b', '}, '],
          ],
          4,
        ],
        [[['a', '1']], 3],
      ],
    );
  });
  it('keeps series apart that blanks within a label distinguish', async () => {
    const { series } = await readMetric(gauge('conns{a="x, y"} 1', 'conns{a="x,y"} 2'), selector);
    assert.deepEqual(
      series.map(({ value }) => value),
      [1, 2],
    );
  });
  it('refuses the metric by a quoted name (Prometheus 3): the parser would not see that line', async () => {
    for (const line of ['{"conns"} 7', '{"conns", a="1"} 7', ' { "conns",a="1"} 7'])
      await assert.rejects(readMetric(gauge('conns 0', line), selector), ConnectionError, line);
    assert.equal((await readMetric(gauge('conns 3', '{"other.metric"} 7'), selector)).series[0]?.value, 3);
  });
  it('refuses two values for the same series: the parser would keep the last one', async () => {
    await assert.rejects(readMetric(gauge('conns{a="1"} 5', 'conns{a="1"} 0'), selector), ConnectionError);
  });
});

describe('the metrics source', () => {
  it('asks each pod through the API server, and adds up the series that match', async () => {
    const { value, paths } = open(
      () => gauge('conns{port="80",x="a"} 2', 'conns{port="80",x="b"} 3', 'conns{port="81"} 9'),
      'conns{port="80"}',
    );
    assert.equal(await value(), 5);
    assert.deepEqual(paths, ['/api/v1/namespaces/prod/pods/nginx-0:80/proxy/metrics']);
  });
  it('takes another port and path', async () => {
    const { value, paths } = open(() => gauge('conns 0'), 'conns', { port: 9113, path: 'stats/prometheus' });
    assert.equal(await value(), 0);
    assert.deepEqual(paths, ['/api/v1/namespaces/prod/pods/nginx-0:9113/proxy/stats/prometheus']);
  });
  it('shows the values of pods with traffic, so that a metric that is always 0 is found out', async () => {
    const busy = await open((path) => gauge(`conns ${path.includes('nginx-0') ? 0 : 12}`)).prove();
    assert.deepEqual(
      [busy?.countable, busy?.because],
      [true, 'conns is 0 on nginx-0, and up to 12 on pods with traffic'],
    );
    assert.match((await open(() => gauge('conns 0')).prove())?.because ?? '', /no pod with traffic shows more than 0/);
  });
  for (const [what, text, because] of [
    ['a missing metric', 'other 1\n', /has no metric conns/],
    ['labels that nothing matches', gauge('conns{a="2"} 1'), /no series that matches conns\{a="1"\}/],
    ['a counter', '# TYPE conns counter\nconns{a="1"} 5\n', /counter, which never falls/],
    ['a histogram', '# TYPE conns histogram\nconns_bucket{le="1"} 0\nconns_sum 0\nconns_count 0\n', /histogram/],
    ['NaN', gauge('conns{a="1"} NaN'), /gives no count/],
    ['a page of HTML', '<html><body>hello</body></html>\n', /has no metric conns/],
  ] as const)
    it(`cannot count by ${what}, and never reads zero from it`, async () => {
      const { prove, value } = open(() => text, 'conns{a="1"}');
      const proof = await prove();
      assert.equal(proof?.countable, false);
      assert.match(proof?.because ?? '', because);
      assert.notEqual(await value().catch(() => 'error'), 0);
    });
  it('is not countable without a metric', async () => {
    assert.match((await open(() => '', 'unused', { selector: undefined }).prove())?.because ?? '', /--metric/);
  });
  it('is neither countable nor not while the pod does not answer, or its answer is cut off', async () => {
    const refused = new StatusError(503, 'ServiceUnavailable', 'error trying to reach service: connection refused');
    for (const answer of [() => Promise.reject(refused), () => '', () => gauge('conns 0').slice(0, -1)]) {
      const { prove, value } = open(answer);
      await assert.rejects(prove(), isPassing);
      await assert.rejects(value(), isPassing);
    }
  });
  it('is proved although no pod with traffic answers', async () => {
    for (const failure of [new StatusError(503, 'ServiceUnavailable', 'no'), new ConnectionError('no')]) {
      const { prove } = open((path) => (path.includes('nginx-0') ? gauge('conns 0') : Promise.reject(failure)));
      assert.equal((await prove())?.countable, true);
    }
  });
  it('has no number once a series that it saw before is gone', async () => {
    const texts = [gauge('conns{a="1"} 2', 'conns{a="2"} 0'), gauge('conns{a="2"} 0')];
    const { value } = open(() => texts.shift() ?? gauge('conns{a="2"} 0'));
    assert.equal(await value(), 2);
    assert.equal(await value(), null);
    assert.equal(await value(), null);
  });
  it('knows a series again in any order of its labels', async () => {
    const texts = [gauge('conns{a="1",b="2"} 3'), gauge('conns{b="2",a="1"} 2')];
    const { value } = open(() => texts.shift() ?? '');
    assert.deepEqual([await value(), await value()], [3, 2]);
  });
  it('takes an empty label for one that is absent, as Prometheus does', async () => {
    assert.equal(await open(() => gauge('conns{a="1"} 3'), 'conns{a="1",b=""}').value(), 3);
    assert.equal(await open(() => gauge('conns{a="1",b="2"} 3'), 'conns{a="1",b=""}').value(), null);
  });
  it('names the permission that is missing', async () => {
    const { prove } = open(() => {
      throw new StatusError(403, 'Forbidden', 'pods "nginx-0" is forbidden');
    });
    assert.match((await prove())?.because ?? '', /is forbidden; it needs get on pods\/proxy$/);
  });
  it('shows when a scrape began and when it was over', async () => {
    const opened = open(async () => {
      await opened.clock.sleep(700);
      return gauge('conns 0');
    });
    const atMs = opened.clock.now();
    assert.deepEqual((await opened.read())?.points, [{ atMs, untilMs: atMs + 700, value: 0 }]);
  });
  it('has no number from a value that the program says is old', async () => {
    const { value, clock } = open(() => gauge(`conns 0 ${Date.UTC(2026, 0, 1)}`));
    await clock.sleep(30_000);
    assert.equal(await value(), 0);
    await clock.sleep(1);
    assert.equal(await value(), null);
  });
  it('shows the age of a value by the API server’s time where that is known, not by this machine’s clock', async () => {
    const atMs = Date.UTC(2026, 0, 1);
    for (const [aheadMs, stampMs, expected] of [
      [45_000, atMs - 45_000, 0],
      [-45_000, atMs + 45_000, 0],
      [45_000, atMs, null],
      [undefined, atMs, 0],
    ] as const) {
      const { value, kube } = open(() => gauge(`conns 0 ${stampMs}`));
      Object.assign(kube, { clockAheadMs: () => aheadMs });
      assert.equal(await value(), expected, `${aheadMs}`);
    }
  });
  it('has no number from a value from the future: a clock is wrong, and the value may be old', async () => {
    const { value } = open(() => gauge(`conns 0 ${Date.UTC(2026, 0, 1, 0, 1)}`));
    assert.equal(await value(), null);
  });
});
