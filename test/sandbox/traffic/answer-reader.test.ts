import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerReader, type ReadResult } from '../../../sandbox/traffic/answer-reader.ts';

const WITH_LENGTH = 'HTTP/1.1 200 OK\r\nX-Pod: nginx-0\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED =
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5;ext=1\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n';

function read(text: string, pieceBytes = text.length): { result: ReadResult; reader: AnswerReader } {
  const reader = new AnswerReader();
  let result: ReadResult = 'more';
  for (let at = 0; at < text.length; at += pieceBytes)
    result = reader.push(Buffer.from(text.slice(at, at + pieceBytes)));
  return { result, reader };
}

for (const pieceBytes of [1, 2, 3, 7, 1000]) {
  test(`answers split every ${pieceBytes} bytes are complete at their last byte and not before`, () => {
    for (const text of [WITH_LENGTH, CHUNKED]) {
      assert.equal(read(text, pieceBytes).result, 'complete');
      assert.equal(read(text.slice(0, -1), pieceBytes).result, 'more');
    }
  });
}

test('the head holds the status, the pod and whether the server closes', () => {
  assert.deepEqual(read(WITH_LENGTH).reader.answer, { status: 200, pod: 'nginx-0', closes: false });
  assert.equal(read(CHUNKED).reader.answer?.closes, true);
});

test('an answer that only the end of the connection would delimit is malformed', () => {
  assert.equal(read('HTTP/1.1 200 OK\r\n\r\nhello').result, 'malformed');
});

test('bytes beyond the end of an answer are malformed', () => {
  assert.equal(read(`${WITH_LENGTH}!`).result, 'malformed');
});

test('bytes that are not HTTP, and a chunk size that is no number, are malformed', () => {
  assert.equal(read('SSH-2.0-OpenSSH\r\n\r\n').result, 'malformed');
  assert.equal(read('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n').result, 'malformed');
});

test('a reader is ready for the next answer after reset', () => {
  const { reader } = read(WITH_LENGTH);
  reader.reset();
  assert.equal(reader.answer, undefined);
  assert.equal(reader.push(Buffer.from(WITH_LENGTH)), 'complete');
});
