/** The sandbox never leaves this machine: an address that is not loopback is dialled at a port without a listener. */
import type { SocketAddress } from '../clb/model.ts';

/** tcpmux (RFC 1078), which no system of today listens on: the dial is refused at once. */
const CLOSED: SocketAddress = { host: '127.0.0.1', port: 1 };

export const onLoopback = (address: SocketAddress): SocketAddress =>
  /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(address.host) ? address : CLOSED;
