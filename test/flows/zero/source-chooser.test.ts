import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError } from '../../../lib/core/errors.ts';
import { createSourceChooser } from '../../../lib/flows/zero/source-chooser.ts';
import type { CountedBackend } from '../../../lib/ports.ts';
import { common, FakeSource, rehearse, zero } from '../rehearsal/rehearsal.ts';

const backend = (port: number): CountedBackend =>
  ({ podUid: 'u', pod: 'nginx-0', balancer: { id: 'lb' }, listener: { id: 'l' }, address: '10.0.0.1', port }) as never;
const offered = (...ports: number[]) => ({ backends: ports.map(backend), siblings: [] });

const open = (away = false) => {
  const rehearsal = rehearse();
  const other = new FakeSource(rehearsal.clock, 'other');
  const prove = other.prove.bind(other);
  const state = { away, proofs: 0 };
  other.prove = async (backends) => {
    state.proofs += 1;
    if (state.away) throw new ConnectionError('the server was silent', { retryable: true });
    return prove(backends);
  };
  const world = { ...rehearsal.world, sources: [rehearsal.source, other] };
  return { ...rehearsal, state, chooser: createSourceChooser(world, { ...common, ...zero }) };
};

describe('the choice of sources', () => {
  it('is made once for a wait, and shown', async () => {
    const { chooser, state, report } = open();
    await chooser.choose(offered(80));
    await chooser.choose(offered(80));
    assert.equal(state.proofs, 1);
    assert.deepEqual(report.progressLines, ['counting by fake: counts', 'counting by other: counts']);
    assert.deepEqual(
      chooser.assignments().map(({ source }) => source.name),
      ['fake', 'other'],
    );
  });

  it('stays open while a source cannot be asked, which is tried again every ten seconds and then shown', async () => {
    const { chooser, state, clock, report } = open(true);
    assert.ok(chooser.isOpen());
    await chooser.choose(offered(80));
    assert.deepEqual(report.progressLines, ['counting by fake: counts']);
    assert.match(chooser.openLines().join(), /^source other: .*the server was silent.*; trying again/);
    state.away = false;
    await clock.sleep(9_000);
    await chooser.choose(offered(80));
    assert.deepEqual([state.proofs, chooser.isOpen()], [1, true]);
    await clock.sleep(1_000);
    await chooser.choose(offered(80));
    assert.deepEqual([state.proofs, chooser.isOpen()], [2, false]);
    assert.deepEqual(report.progressLines, ['counting by fake: counts', 'counting by other: counts']);
    assert.deepEqual(chooser.openLines(), []);
  });

  it('is made anew after a restart, for a backend that has come up since', async () => {
    const { chooser, state } = open();
    assert.equal(chooser.restart(), false);
    await chooser.choose(offered(80));
    assert.deepEqual(chooser.fresh(offered(80, 81).backends), [backend(81)]);
    assert.equal(chooser.restart(), true);
    assert.deepEqual(chooser.assignments(), []);
    await chooser.choose(offered(80, 81));
    assert.deepEqual([state.proofs, chooser.fresh(offered(80, 81).backends)], [2, []]);
  });
});
