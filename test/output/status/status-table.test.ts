import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusBackend, StatusRow } from '../../../lib/core/status/status-view.ts';
import { renderStatusTable } from '../../../lib/output/status/status-table.ts';

const backend = (rest: Partial<StatusBackend> = {}): StatusBackend => ({
  service: 'nginx',
  listener: 'TCP/80',
  listenerId: 'lbl-1',
  wantWeight: 10,
  seenWeight: 10,
  health: 'alive',
  connections: 3,
  ...rest,
});

const row = (rest: Partial<StatusRow> = {}): StatusRow => ({
  pod: 'nginx-0',
  ordinal: 0,
  uid: 'u-0',
  ip: '10.0.0.1',
  backends: [backend()],
  revision: 'nginx-1',
  updated: false,
  images: ['nginx:1.9'],
  ready: { ready: 1, total: 1 },
  gates: { passed: 1, total: 1 },
  restarts: 0,
  phase: 'Running',
  ageSeconds: 90,
  ...rest,
});

const details = (...rows: StatusRow[]): StatusRow[] => rows;

/** Cells of the last line by header. */
async function cells(status: StatusRow, wide = false): Promise<Record<string, string>> {
  const text = await renderStatusTable(details(status), { wide, headers: true });
  const [headers = [], values = []] = text.split('\n').map((line) => line.split(/ {3,}/));
  return Object.fromEntries(headers.map((header, place) => [header, values[place] ?? '']));
}

test('columns are capitals, three spaces apart, without borders or trailing spaces', async () => {
  const text = await renderStatusTable(details(row(), row({ pod: 'nginx-10', updated: true })), {
    wide: false,
    headers: true,
  });
  assert.equal(
    text,
    [
      'POD        WEIGHT   CLB   CONNECTIONS   REVISION   IMAGE       READY   GATES   RESTARTS   PHASE     AGE',
      'nginx-0    10       10    3             outdated   nginx:1.9   1/1     1/1     0          Running   90s',
      'nginx-10   10       10    3             updated    nginx:1.9   1/1     1/1     0          Running   90s',
      '',
    ].join('\n'),
  );
});

test('without headers only the rows are printed', async () => {
  const text = await renderStatusTable(details(row()), { wide: false, headers: false });
  assert.match(text, /^nginx-0 .*\n$/);
});

test('wide adds addresses, UIDs and listeners with the health that is not well', async () => {
  const { IP, UID, LISTENERS } = await cells(
    row({ backends: [backend(), backend({ listener: 'TCP/8080', health: 'dead' })] }),
    true,
  );
  assert.deepEqual(
    { IP, UID, LISTENERS },
    { IP: '10.0.0.1', UID: 'u-0', LISTENERS: 'nginx:TCP/80,nginx:TCP/8080(dead)' },
  );
});

test('an unread value is unknown, never zero', async () => {
  const unread = backend({ seenWeight: null, connections: null });
  const shown = await cells(row({ backends: [backend(), unread], updated: null, ageSeconds: null }));
  assert.deepEqual(
    [shown['CLB'], shown['CONNECTIONS'], shown['REVISION'], shown['AGE']],
    ['10,<unknown>', '<unknown>', '<unknown>', '<unknown>'],
  );
});

test('several listeners are one number where they agree, and their connections a sum', async () => {
  const same = await cells(row({ backends: [backend({ wantWeight: 0 }), backend({ wantWeight: 0 })] }));
  assert.deepEqual([same['WEIGHT'], same['CONNECTIONS']], ['0', '6']);
  const differ = await cells(row({ backends: [backend({ wantWeight: 0 }), backend()] }));
  assert.equal(differ['WEIGHT'], '0,10');
});

test('a pod that does not exist has a row of its own', async () => {
  const missing = row({
    uid: null,
    ip: null,
    backends: [],
    updated: null,
    images: [],
    gates: { passed: 0, total: 0 },
    phase: 'Missing',
  });
  const shown = await cells(missing, true);
  assert.deepEqual(
    [shown['WEIGHT'], shown['CONNECTIONS'], shown['IMAGE'], shown['GATES'], shown['PHASE'], shown['IP']],
    ['<none>', '<none>', '<none>', '<none>', 'Missing', '<none>'],
  );
});

test('columns stand under each other also with characters that are two wide', async () => {
  const text = await renderStatusTable(details(row({ images: ['镜像:1'] }), row()), { wide: false, headers: false });
  const [wide = '', plain = ''] = text.split('\n');
  // Two characters that take four places on a terminal: the text is two shorter up to the next column.
  assert.equal(wide.indexOf('1/1') + 2, plain.indexOf('1/1'));
});

test('on a terminal no line is wider than it, the weights and connections stay, and -o wide has all', async () => {
  const long = row({
    pod: 'gateway-frontend-production-blue-with-a-long-name-11',
    images: ['images.example.com/team/platform/gateway-frontend:2026.11.29-4f2c1b7'],
  });
  for (const width of [79, 119]) {
    const text = await renderStatusTable([long, row()], { wide: false, headers: true, width });
    const lines = text.trimEnd().split('\n');
    assert.deepEqual(
      lines.filter((line) => line.length > width),
      [],
    );
    assert.match(lines[0] ?? '', /^POD +WEIGHT +CLB +CONNECTIONS +REVISION/);
    assert.match(lines[1] ?? '', /^gatew\S*…\S*-11 +10 +10 +3 +outdated/);
  }
  const wide = await renderStatusTable([long], { wide: true, headers: true, width: 79 });
  assert.match(wide, /gateway-frontend-production-blue-with-a-long-name-11 .*4f2c1b7 .*u-0/);
  const piped = await renderStatusTable([long], { wide: false, headers: true });
  assert.match(piped, /long-name-11 .*gateway-frontend:2026\.11\.29-4f2c1b7 .*90s/);
});
