import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryDetails } from '../../../lib/core/story/story.ts';
import type { Timeline } from '../../../lib/core/story/timeline.ts';
import { renderHistoryPage } from '../../../lib/output/history/history-page.ts';
import { renderTimeline } from '../../../lib/output/history/history-timeline.ts';

const target = { namespace: 'web', name: 'nginx' };
const [fromMs, goneMs, lastMs] = [0, 60_000, 83_000];
const timeline: Timeline = {
  ...{ fromMs, lastMs, toMs: 90_000, revision: 'nginx-2' },
  pods: [
    {
      pod: 'nginx-4',
      weight: [{ fromMs, toMs: goneMs, value: 10 }],
      revision: [{ fromMs, toMs: goneMs, value: 'nginx-1' }],
      readiness: [
        { fromMs, toMs: goneMs, value: 'ready' },
        { fromMs: goneMs, toMs: 90_000, value: 'gone' },
      ],
      connections: [],
    },
  ],
};
const details: HistoryDetails = {
  entries: [
    {
      at: '1970-01-01T00:00:00Z',
      operator: 'ann@laptop',
      step: 'Recreated',
      message: 'm',
      count: 1,
      details: { pods: [1] },
    },
  ],
  about: {
    cluster: 'prod',
    images: [{ container: 'nginx', from: 'nginx:1.25.3', to: 'nginx:1.25.4' }],
    services: ['web'],
    balancers: ['lb-1'],
  },
  now: null,
  notes: [],
};
const page = renderHistoryPage({ target, details, timeline, madeAtMs: 0 });

test('the head says who, where, from which image to which, and how long it took', () => {
  const head = Object.fromEntries(
    [...page.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g)].map(([, term, text]) => [term, text]),
  );
  assert.equal(head['By'], 'ann@laptop');
  assert.equal(head['Cluster'], 'prod, namespace web');
  assert.equal(head['Service'], 'web');
  assert.equal(head['Load balancer'], 'lb-1');
  assert.equal(head['Image'], 'nginx: nginx:1.25.3 → nginx:1.25.4');
  assert.match(head['When'] ?? '', /\(1m23s\)$/);
  assert.equal(head['Pods replaced'], '1 (ordinal 1)');
});

test('a missing fact is shown as unknown', () => {
  const about = { cluster: null, images: [], services: [], balancers: [] };
  const bare = renderHistoryPage({ target, details: { ...details, about }, timeline, madeAtMs: 0 });
  assert.match(bare, /<dt>Cluster<\/dt><dd>unknown, namespace web/);
  assert.match(bare, /<dt>Image<\/dt><dd>unknown/);
});

test('the row of a pod that is gone ends where it went', () => {
  const drawing = renderTimeline(timeline);
  assert.doesNotMatch(drawing, /class="gone"/);
  assert.match(drawing, /class="ready"/);
});

test('on a phone terms stand above what they say, steps are blocks and the picture scrolls in its own size', () => {
  assert.match(page, /<meta name="viewport" content="width=device-width, initial-scale=1">/);
  const [, phone = ''] = page.split('@media (max-width: 720px)');
  assert.match(phone, /dl \{ grid-template-columns: 1fr;/);
  assert.match(phone, /\.timeline \{ width: 960px;/);
  assert.match(phone, /thead \{ display: none; \}/);
});
