/**
 * The seams between the flows and the world: interfaces only.
 * Adapters (lib/kube, lib/clb, lib/sources) implement them; test/fakes holds their twins.
 */
export type * from './ports/connection-source.ts';
export type * from './ports/kube.ts';
export type * from './ports/load-balancer.ts';
export type * from './ports/world.ts';
