/** Pods with a listener of their own from a CLB port pool: no Service names it (tke-extend-network-controller). */

/** On the pod or its template. */
export const PORT_POOL = 'networking.cloud.tencent.com/enable-clb-port-mapping';

export const isPortPooled = ({ annotations }: { annotations: Readonly<Record<string, string>> }): boolean =>
  !['', 'false'].includes(annotations[PORT_POOL] ?? '');
