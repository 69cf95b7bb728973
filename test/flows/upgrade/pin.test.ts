import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError } from '../../../lib/core/errors.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { type Pin, parsePin, pinOf, pinText } from '../../../lib/core/job/pin.ts';
import { readStatefulSet } from '../../../lib/core/target/stateful-set-facts.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { type Rehearsal, rehearse, upgradeIntent } from '../rehearsal/rehearsal.ts';

const IMAGES = { nginx: 'nginx:1.25.4' };
const pinNow = ({ kube }: Rehearsal, wish: { images: Record<string, string>; restart?: boolean }): Pin =>
  pinOf(readStatefulSet(kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail()), wish);
const run = (rehearsal: Rehearsal, more: Partial<UpgradeIntent>) => upgrade(rehearsal.world, upgradeIntent(more));
const editTemplate = ({ kube }: Rehearsal, edit: (template: Record<string, unknown>) => void) => {
  kube.edit(STATEFUL_SETS, 'nginx', (object) =>
    edit((object['spec'] as { template: Record<string, unknown> }).template),
  );
  kube.edit(STATEFUL_SETS, 'nginx', (object) => {
    object['status'] = { ...(object['status'] as object), observedGeneration: Number.MAX_SAFE_INTEGER };
  });
};
const pinned = (pattern: RegExp) => (error: unknown) =>
  error instanceof RefusedError &&
  error.refusals.some(({ rule, message }) => rule === 'pinned' && pattern.test(message));

describe('upgrade --pin', () => {
  it('runs where UID and template are those it was made for, and again once it has set the image itself', async () => {
    const rehearsal = rehearse({ replicas: 2, set: { image: 'nginx:1.25.3' } });
    const wish = { images: IMAGES, pin: pinNow(rehearsal, { images: IMAGES }) };
    editTemplate(rehearsal, (template) => {
      for (const container of (template['spec'] as { containers: { image: string }[] }).containers)
        container.image = IMAGES.nginx;
    });
    assert.deepEqual((await run(rehearsal, wish)).exitCode, 0);
  });

  it('refuses another StatefulSet of the same name, and writes nothing', async () => {
    const rehearsal = rehearse();
    const pin = { ...pinNow(rehearsal, { images: IMAGES }), uid: 'of-another' };
    await assert.rejects(
      run(rehearsal, { images: IMAGES, pin }),
      pinned(/made for statefulset\/nginx with UID of-another, and the one that exists has UID /),
    );
    assert.deepEqual(rehearsal.kube.writes, []);
  });

  it('refuses another template: a port, an image of another container, a label', async () => {
    for (const change of [{ labels: { app: 'nginx', tier: 'x' } }, { annotations: { a: 'b' } }]) {
      const rehearsal = rehearse();
      const pin = pinNow(rehearsal, { images: IMAGES });
      editTemplate(rehearsal, (template) => {
        template['metadata'] = { ...(template['metadata'] as object), ...change };
      });
      await assert.rejects(
        run(rehearsal, { images: IMAGES, pin }),
        pinned(/has changed since this upgrade was made for it/),
      );
      assert.deepEqual(rehearsal.kube.writes, []);
    }
  });

  it('refuses an image that another writer has set in place of its own, and writes nothing; so does a later pod of the same Job', async () => {
    const rehearsal = rehearse({ replicas: 2, set: { image: 'nginx:1.25.3' } });
    const pin = pinNow(rehearsal, { images: IMAGES });
    for (const image of [IMAGES.nginx, 'nginx:1.28']) {
      editTemplate(rehearsal, (template) => {
        for (const container of (template['spec'] as { containers: { image: string }[] }).containers)
          container.image = image;
      });
      const before = rehearsal.kube.writes.length;
      if (image === IMAGES.nginx) await run(rehearsal, { images: IMAGES, pin });
      else {
        await assert.rejects(
          run(rehearsal, { images: IMAGES, pin }),
          pinned(/has changed since .* \(its images are nginx=nginx:1\.28, set by another writer\)$/),
        );
        assert.equal(rehearsal.kube.writes.length, before);
        const { before: _, ...old } = pin;
        assert.equal(
          (await run(rehearsal, { images: IMAGES, pin: old })).exitCode,
          0,
          'a pin of one hash does not say',
        );
      }
    }
  });

  it('that was made once the template had the image already refuses another image too, and writes nothing', async () => {
    const rehearsal = rehearse({ replicas: 2, set: { image: IMAGES.nginx } });
    const pin = pinNow(rehearsal, { images: IMAGES });
    assert.equal(pin.before, pin.template);
    editTemplate(rehearsal, (template) => {
      for (const container of (template['spec'] as { containers: { image: string }[] }).containers)
        container.image = 'nginx:1.28';
    });
    await assert.rejects(run(rehearsal, { images: IMAGES, pin }), pinned(/its images are nginx=nginx:1\.28, set by/));
    assert.deepEqual(rehearsal.kube.writes, []);
  });

  it('overlooks the time of a restart only where a restart is asked for', () => {
    const rehearsal = rehearse();
    const [before, beforeRestart] = [
      pinNow(rehearsal, { images: {} }),
      pinNow(rehearsal, { images: {}, restart: true }),
    ];
    editTemplate(rehearsal, (template) => {
      const metadata = template['metadata'] as { annotations?: Record<string, string> };
      metadata.annotations = { ...metadata.annotations, 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' };
    });
    assert.notDeepEqual(pinNow(rehearsal, { images: {} }), before);
    assert.deepEqual(pinNow(rehearsal, { images: {}, restart: true }), beforeRestart);
  });

  it('is read as it is written, and anything else is a usage error', () => {
    for (const images of [{}, { nginx: 'nginx:1.28' }]) {
      const pin = pinNow(rehearse(), { images });
      assert.deepEqual(parsePin(pinText(pin)), pin);
      assert.equal(pinText(pin).split('/').length, Object.keys(images).length === 0 ? 2 : 3);
    }
    for (const text of ['', 'x', 'uid/', '/0123456789abcdef', 'uid/0123', 'uid/0123456789abcdef/0123'])
      assert.throws(() => parsePin(text), /is not a pin/);
  });
});
