/** The configuration of one HAProxy for one listener. Its servers are added at run time, as the load balancer binds them. */
import type { SocketAddress } from '../../sandbox/clb/model.ts';

/** The backend that all servers are in. */
export const BACKEND = 'pods';

/**
 * Layer 4, one try a connection: retries and redispatch would hide a connection that was sent to a pod that is gone.
 * `adminSocket` is the path of the runtime API's socket.
 */
export const renderConfig = ({ host, port }: SocketAddress, adminSocket: string): string => `global
  stats socket ${adminSocket} mode 600 level admin
  stats timeout 1h
  maxconn 4000

defaults
  mode tcp
  retries 0
  no option redispatch
  timeout connect 5s
  timeout client 1h
  timeout server 1h

frontend door
  bind ${host}:${port}
  default_backend ${BACKEND}

backend ${BACKEND}
  balance roundrobin
`;
