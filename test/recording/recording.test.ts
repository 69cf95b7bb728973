import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { UsageError } from '../../lib/core/errors.ts';
import { parseRecording, type RecordingLine } from '../../lib/core/story/recording.ts';
import { drain } from '../../lib/flows/verbs/drain.ts';
import { recreate } from '../../lib/flows/verbs/recreate.ts';
import { createMask } from '../../lib/output/mask-secrets.ts';
import { PODS } from '../../lib/ports/resources.ts';
import { openRecordingFile } from '../../lib/recording/recording-file.ts';
import { recordingWorld } from '../../lib/recording/recording-world.ts';
import { common, type Rehearsal, rehearse, zero } from '../flows/rehearsal/rehearsal.ts';

let folder: string;
let path: string;
const warnings: string[] = [];
const open = (secrets: string[] = []) => openRecordingFile(path, createMask(secrets), (line) => warnings.push(line));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zeroloss-record-'));
  path = join(folder, 'run.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = () => parseRecording(readFileSync(path, 'utf8'), path);

async function upgradeOne(): Promise<{ rehearsal: Rehearsal; lines: readonly RecordingLine[] }> {
  const rehearsal = rehearse({ replicas: 3 });
  const file = open();
  const world = recordingWorld({ ...rehearsal.world, operator: 'user@host' }, { verb: 'drain', target: 'nginx', file });
  rehearsal.source.counts.set('nginx-0', (now) => (now - rehearsal.clock.startMs < 5000 ? 2 : 0));
  await drain(world, { ...common, ordinals: [0] });
  rehearsal.clock.at(6000, () => undefined);
  await rehearsal.clock.sleep(6000);
  await recreate(world, { ...common, ...zero, evict: false, force: false });
  file.close();
  return { rehearsal, lines: read().lines };
}

describe('a record', () => {
  it('begins with its format, and holds weights, samples, writes, events and pods with their times', async () => {
    const { lines } = await upgradeOne();
    const [first] = lines;
    assert.ok(first?.kind === 'begin' && first.format === 'zeroloss-record/v1' && first.operator === 'user@host');
    const weights = lines.flatMap((line) => (line.kind === 'weight' && line.pod === 'nginx-0' ? [line.weight] : []));
    assert.deepEqual([...new Set(weights)], [10, 0]);
    assert.ok(lines.some((line) => line.kind === 'sample' && line.pod === 'nginx-0' && line.connections === 0));
    assert.ok(lines.some((line) => line.kind === 'write' && line.call === 'delete' && line.object === 'pod/nginx-0'));
    const event = lines.find((line) => line.kind === 'event' && line.reason === 'ZerolossRecreating');
    assert.ok(event?.kind === 'event' && event.details.evidence?.[0]?.windowSeconds === 10);
    const uids = lines.flatMap((line) => (line.kind === 'pod' && line.pod === 'nginx-0' ? [line.uid] : []));
    assert.equal(new Set(uids).size, 2, 'the pod and its replacement');
    for (const { at } of lines) assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });
  it('takes a look at the weights alone for no change of health', async () => {
    const rehearsal = rehearse({ replicas: 1 });
    const file = open();
    const world = recordingWorld(rehearsal.world, { verb: 'wait-zero', target: 'nginx', file });
    await world.kube.list(PODS);
    for (const health of [true, false, true]) await world.balancer.observe({ id: 'lb-nginx' }, { health });
    rehearsal.balancer.health.set('nginx-0', 'dead');
    await world.balancer.observe({ id: 'lb-nginx' });
    file.close();
    const told = read().lines.flatMap((line) => (line.kind === 'weight' ? [line.health] : []));
    assert.deepEqual(told, ['alive', 'dead']);
  });
  it('is readable by its owner alone, and appended to by the next command', () => {
    for (const verb of ['drain', 'advance']) {
      const file = open();
      recordingWorld(rehearse().world, { verb, target: 'nginx', file });
      file.close();
    }
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(
      read().lines.map((line) => line.kind),
      ['begin', 'begin'],
    );
  });
  it('goes on after a line that was cut off, and says that it was', () => {
    const begin = () => {
      const file = open();
      recordingWorld(rehearse().world, { verb: 'drain', target: 'nginx', file });
      file.close();
    };
    begin();
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"at":"2026-`);
    begin();
    assert.equal(read().lines.length, 2);
    assert.match(read().notes.join(), /1 line of .* cannot be read/);
  });
  it('holds no secret, by value or by the name of its field', () => {
    const file = open(['hunter2hunter2']);
    file.append({ kind: 'progress', line: 'with hunter2hunter2', token: 'abc', nested: { clientSecret: 'def' } });
    file.close();
    assert.equal(
      readFileSync(path, 'utf8'),
      '{"kind":"progress","line":"with <masked>","token":"<masked>","nested":{"clientSecret":"<masked>"}}\n',
    );
  });
  it('follows no symbolic link, to a record or to anything else', () => {
    const target = `${path}.target`;
    writeFileSync(target, '');
    symlinkSync(target, path);
    assert.throws(
      open,
      (error: Error) => error instanceof UsageError && /symbolic links are not followed$/.test(error.message),
    );
    assert.equal(readFileSync(target, 'utf8'), '');
    rmSync(path);
    symlinkSync(`${path}.nowhere`, path);
    assert.throws(open, UsageError);
    assert.equal(existsSync(`${path}.nowhere`), false);
  });
  it('is never appended to a file that is something else', () => {
    writeFileSync(path, 'apiVersion: v1\nkind: Config\n');
    assert.throws(open, UsageError);
    assert.equal(readFileSync(path, 'utf8'), 'apiVersion: v1\nkind: Config\n');
  });
});

it('a text that is no record, or of a format to come, is refused with its name', () => {
  assert.throws(() => parseRecording('hello\n', 'x'), /x is not a record/);
  assert.throws(
    () => parseRecording('{"at":"t","kind":"begin","format":"zeroloss-record/v9"}\n', 'x'),
    /"zeroloss-record\/v9", which this version cannot read/,
  );
});
