import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ConnectionError } from '../../../lib/core/errors.ts';
import { parseProcNetTcp, type Socket, SocketTables } from '../../../lib/sources/pod-sockets/proc-net-tcp.ts';
import { TCP, TCP6, table } from './tables.ts';

const port = fc.integer({ min: 0, max: 65_535 });
const byte = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));
const socket = (address: fc.Arbitrary<string>): fc.Arbitrary<Socket> =>
  fc.record(
    {
      state: fc.integer({ min: 1, max: 11 }),
      localAddress: address,
      localPort: port,
      remoteAddress: address,
      remotePort: port,
      inode: fc.integer({ min: 0, max: 2 ** 40 }),
    },
    { noNullPrototype: true },
  );
/** In the text that new URL() gives addresses: RFC 5952, as an implementation of somebody else's. */
const canonical = (address: string): string => new URL(`http://[${address}]/`).hostname.slice(1, -1);
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 65_535 })), { minLength: 8, maxLength: 8 })
  .filter((groups) => !(groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff))
  .map((groups) => canonical(groups.map((group) => group.toString(16)).join(':')));

const refused = (text: string, tables = 1): void =>
  assert.throws(
    () => parseProcNetTcp(text, tables),
    (error) => error instanceof ConnectionError && error.retryable && /cannot be read/.test(error.message),
  );

describe('the kernel’s socket tables', () => {
  it('are read as a real kernel prints them', () => {
    const text =
      `${TCP}\n` +
      '   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21317 1 0000000000000000 100 0 0 10 0                     \n' +
      '   1: 0A00000A:0050 0500A8C0:C350 01 00000000:00000000 02:000A9F5C 00000000   101        0 98765 2 0000000000000000 20 4 30 10 -1                    \n' +
      '  12: 0A00000A:0050 0600A8C0:C351 06 00000000:00000000 03:000016F9 00000000     0        0 0 3 0000000000000000                                      \n';
    assert.deepEqual(parseProcNetTcp(text, 1), [
      { state: 10, localAddress: '0.0.0.0', localPort: 80, remoteAddress: '0.0.0.0', remotePort: 0, inode: 21317 },
      {
        state: 1,
        localAddress: '10.0.0.10',
        localPort: 80,
        remoteAddress: '192.168.0.5',
        remotePort: 50000,
        inode: 98765,
      },
      { state: 6, localAddress: '10.0.0.10', localPort: 80, remoteAddress: '192.168.0.6', remotePort: 50001, inode: 0 },
    ]);
  });
  it('of IPv4 come back as they were, for any addresses and ports', () => {
    fc.assert(
      fc.property(fc.array(socket(ipv4), { maxLength: 20 }), (sockets) => {
        assert.deepEqual(parseProcNetTcp(table(TCP, sockets), 1), sockets);
      }),
    );
  });
  it('of IPv6 come back as they were, in canonical text', () => {
    fc.assert(
      fc.property(fc.array(socket(ipv6), { maxLength: 20 }), (sockets) => {
        assert.deepEqual(parseProcNetTcp(table(TCP6, sockets), 1), sockets);
      }),
    );
  });
  it('show an IPv4 peer of a dual-stack socket as IPv4', () => {
    const text = `${TCP6}\n   0: 0000000000000000FFFF00000A00000A:0050 0000000000000000FFFF00000500A8C0:C350 01 0:0 0:0 0 0 0 7 1 0 20\n`;
    const [first] = parseProcNetTcp(text, 1);
    assert.deepEqual([first?.localAddress, first?.remoteAddress], ['10.0.0.10', '192.168.0.5']);
  });
  it('may follow one another', () => {
    fc.assert(
      fc.property(fc.array(socket(ipv4)), fc.array(socket(ipv6)), (four, six) => {
        assert.deepEqual(parseProcNetTcp(table(TCP, four) + table(TCP6, six), 2), [...four, ...six]);
      }),
    );
  });
  it('cut off anywhere are an error or a text that a shorter table has, never without their header', () => {
    fc.assert(
      fc.property(fc.array(socket(ipv4), { minLength: 1, maxLength: 5 }), fc.nat(), (sockets, pick) => {
        const text = table(TCP, sockets);
        const cut = text.slice(0, pick % text.length);
        if (cut.endsWith('\n') && cut.length > 0) return;
        refused(cut);
      }),
    );
  });
  it('cut off before the second table are an error', () => refused(table(TCP, []), 2));
  it('are an error when there are more of them than asked for', () => refused(table(TCP, []) + table(TCP6, []), 1));
  it('are an error when the two ends of a socket are of different families', () => {
    refused(`${TCP6}\n   0: 0A00000A:0050 0000000000000000FFFF00000500A8C0:C350 01 0:0 0:0 0 0 0 7 1 0 20\n`);
  });
  it('that are empty, foreign or out of shape are an error', () => {
    refused('');
    refused('\n');
    refused('cat: not found\n');
    refused('<html>\n');
    refused(table(TCP, []).slice(10));
    refused(`${TCP}\n   0: 0100007F:0050 nonsense\n`);
    refused(`${TCP}\n   0: 0100007F:0050 00000000:00 0A 0:0 0:0 0 0 0 7 1\n`);
    refused(`${TCP}\n   0: 0100007F01:0050 0100007F01:0000 0A 0:0 0:0 0 0 0 7 1\n`);
  });
  it('are an error where a socket is in a state that the kernel has not got', () => {
    const one = { localAddress: '10.0.0.10', localPort: 80, remoteAddress: '10.0.0.1', remotePort: 5, inode: 9 };
    fc.assert(
      fc.property(fc.oneof(fc.constant(0), fc.integer({ min: 12, max: 255 })), (state) => {
        const known = { ...one, state: 1 };
        refused(table(TCP, [known, { ...one, state }, known]));
      }),
    );
  });
  it('are an error where two rows have run together', () => {
    const one = { localAddress: '10.0.0.10', localPort: 80, remoteAddress: '10.0.0.1', remotePort: 5, inode: 9 };
    const [head, first, second] = table(TCP, [
      { ...one, state: 6 },
      { ...one, state: 1 },
    ]).split('\n');
    refused(`${head}\n${first}${second}\n`);
    refused(`${head}\n${first} ${second}\n`);
  });
  it('are the same in any pieces, and never shorter', () => {
    fc.assert(
      fc.property(fc.array(socket(ipv4)), fc.array(fc.integer({ min: 1, max: 400 })), (sockets, sizes) => {
        const text = table(TCP, sockets) + table(TCP6, []);
        const reader = new SocketTables();
        let at = 0;
        for (const size of [...sizes, text.length]) {
          reader.push(text.slice(at, at + size));
          at += size;
        }
        assert.deepEqual(reader.end(2), sockets);
      }),
    );
  });
  it('are an error when any one character of a row is lost', () => {
    const row = {
      state: 1,
      localAddress: '10.0.0.10',
      localPort: 80,
      remoteAddress: '10.0.0.1',
      remotePort: 5,
      inode: 9,
    };
    const text = table(TCP, [row]);
    const start = text.indexOf('\n') + 1;
    for (let at = text.indexOf('0A00000A'); at < text.indexOf(' 01 ') + 3; at += 1) {
      if (text[at] === ' ' && text[at + 1] !== ' ') refused(text.slice(0, at) + text.slice(at + 1));
      if (/[\dA-F:]/.test(text[at] ?? '')) refused(text.slice(0, at) + text.slice(at + 1));
    }
    assert.ok(start > 0);
  });
});
