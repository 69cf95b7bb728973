/** The flows behind the verbs; each is loaded when it is first called, so that help and completion start fast. */
import type {
  AdvanceIntent,
  DrainIntent,
  HistoryIntent,
  PlanIntent,
  RecreateIntent,
  RestoreIntent,
  RollbackIntent,
  SurgeIntent,
  UpgradeIntent,
  VerifyIntent,
  WaitZeroIntent,
} from '../lib/core/intent/intent.ts';
import type { Outcome } from '../lib/core/outcome/outcome.ts';
import type { CheckOfIntent } from '../lib/flows/verbs/check-of.ts';
import type { StatusOfIntent } from '../lib/flows/verbs/status-of.ts';
import type { World } from '../lib/ports.ts';

export interface Flows {
  drain(world: World, intent: DrainIntent): Promise<Outcome>;
  waitZero(world: World, intent: WaitZeroIntent): Promise<Outcome>;
  recreate(world: World, intent: RecreateIntent): Promise<Outcome>;
  advance(world: World, intent: AdvanceIntent): Promise<Outcome>;
  restore(world: World, intent: RestoreIntent): Promise<Outcome>;
  check(world: World, intent: CheckOfIntent): Promise<Outcome>;
  status(world: World, intent: StatusOfIntent): Promise<Outcome>;
  surge(world: World, intent: SurgeIntent): Promise<Outcome>;
  verify(world: World, intent: VerifyIntent): Promise<Outcome>;
  rollback(world: World, intent: RollbackIntent): Promise<Outcome>;
  history(world: World, intent: HistoryIntent): Promise<Outcome>;
  plan(world: World, intent: PlanIntent): Promise<Outcome>;
  upgrade(world: World, intent: UpgradeIntent): Promise<Outcome>;
}

export const flows: Flows = {
  drain: async (world, intent) => (await import('../lib/flows/verbs/drain.ts')).drain(world, intent),
  waitZero: async (world, intent) => (await import('../lib/flows/verbs/wait-zero.ts')).waitZero(world, intent),
  recreate: async (world, intent) => (await import('../lib/flows/verbs/recreate.ts')).recreate(world, intent),
  advance: async (world, intent) => (await import('../lib/flows/verbs/advance.ts')).advance(world, intent),
  restore: async (world, intent) => (await import('../lib/flows/verbs/restore.ts')).restore(world, intent),
  check: async (world, intent) => (await import('../lib/flows/verbs/check-of.ts')).checkOf(world, intent),
  status: async (world, intent) => (await import('../lib/flows/verbs/status-of.ts')).statusOf(world, intent),
  surge: async (world, intent) => (await import('../lib/flows/verbs/surge.ts')).surge(world, intent),
  verify: async (world, intent) => (await import('../lib/flows/verbs/verify.ts')).verify(world, intent),
  history: async (world, intent) => (await import('../lib/flows/verbs/history.ts')).history(world, intent),
  rollback: async (world, intent) => (await import('../lib/flows/verbs/rollback.ts')).rollback(world, intent),
  plan: async (world, intent) => (await import('../lib/flows/verbs/plan.ts')).plan(world, intent),
  upgrade: async (world, intent) => (await import('../lib/flows/verbs/upgrade.ts')).upgrade(world, intent),
};
