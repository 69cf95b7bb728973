/** Runs the shipped program in a history: from the words of a command line to its exit code, over a network with faults. */
import { runCli } from '../../../cmd/cli.ts';
import type { CountingFlags, OpenWorld, WorldOptions } from '../../../cmd/context.ts';
import { SOURCES } from '../../../cmd/flags/source-flags.ts';
import { lazySource } from '../../../cmd/surroundings/lazy-source.ts';
import { createCalls } from '../../../lib/clb/calls/calls.ts';
import { createLimiter } from '../../../lib/clb/calls/limiter.ts';
import { createLoadBalancer } from '../../../lib/clb/clb-load-balancer.ts';
import type { Cloud } from '../../../lib/clb/cloud.ts';
import { KubeClient } from '../../../lib/kube/api/client.ts';
import { Transport } from '../../../lib/kube/api/transport.ts';
import { HttpTrace } from '../../../lib/kube/wire/http-trace.ts';
import { overriding } from '../../../lib/ports/overriding.ts';
import type { ConnectionSource, LeaseHolder, World } from '../../../lib/ports.ts';
import { watchWrites } from '../../../lib/recording/write-watch.ts';
import type { SourceDefinition } from '../../../lib/sources/define-source.ts';
import { openWire, type WireHooks } from '../faults/wire.ts';
import { NAMESPACE } from '../world/api-server.ts';
import { REGION } from '../world/clb/cloud.ts';
import { ProcessLife } from '../world/process-life.ts';
import { CLOUD_KEYS, OPERATOR_TOKEN } from '../world/secrets.ts';
import type { Stage } from '../world/stage.ts';

const SERVER = new URL('https://10.0.0.1:6443');
const PATIENCE_MS = 30_000;
/** Requests and their headers; bodies are the cluster's own. */
const VERBOSITY = 7;

export interface Ended {
  words: readonly string[];
  code: number | 'killed';
  stdout: string;
  stderr: string;
  beganMs: number;
  endedMs: number;
}

export interface Program {
  words: readonly string[];
  who: string;
  life: ProcessLife;
  ended: Promise<Ended>;
}

export interface Person {
  name: string;
  /** Programs so far: the last one's process id. */
  started: number;
  /** Process ids of theirs that run. */
  running: Set<number>;
}

/** Starts it; `hooks` see every call. */
export function startProgram(
  stage: Stage,
  person: Person,
  words: readonly string[],
  hooksOf: (program: Pick<Program, 'life' | 'words'>) => WireHooks,
): Program {
  const life = new ProcessLife(stage.clock);
  person.started += 1;
  const pid = person.started;
  person.running.add(pid);
  const beganMs = stage.clock.now();
  const out = { stdout: '', stderr: '' };
  const wire = openWire(stage, life, hooksOf({ life, words }));
  const streamTo = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      if (!life.killed) out[name] += text;
      return true;
    },
    isTTY: false,
  });
  const leaseHolder: LeaseHolder = {
    identity: `${person.name}@bastion/${pid}#boot`,
    isGone: (identity) => {
      const [, who, other] = /^(.*)@bastion\/(\d+)#boot$/.exec(identity) ?? [];
      return who === person.name && !person.running.has(Number(other));
    },
  };
  const run = runCli({
    argv: words,
    program: 'kubectl zeroloss',
    env: { LANG: 'C.UTF-8' },
    streams: { stdout: streamTo('stdout'), stderr: streamTo('stderr') },
    signal: life.signal,
    platform: 'linux/amd64',
    selfCommand: ['kubectl-zeroloss'],
    openWorld: (options) =>
      openWorld(stage, life, wire, options, {
        ...{ leaseHolder, operator: `${person.name}@bastion` },
        trace: stage.setting.verbose ? (line) => streamTo('stderr').write(`${line}\n`) : undefined,
      }),
  });
  const ended = Promise.race([run, life.death.then(() => 'killed' as const)]).then((code) => {
    person.running.delete(pid);
    return { words, code, ...out, beganMs, endedMs: stage.clock.now() };
  });
  return { words, who: person.name, life, ended };
}

async function openWorld(
  stage: Stage,
  { clock, signal }: ProcessLife,
  wire: ReturnType<typeof openWire>,
  { report }: WorldOptions,
  { trace, ...people }: { leaseHolder: LeaseHolder; operator: string; trace: ((line: string) => void) | undefined },
): Promise<OpenWorld> {
  const random = (): number => stage.dice.roll('pause');
  const tell = (line: string): void => report.progress(line);
  const proof = { authorization: `Bearer ${OPERATOR_TOKEN}` };
  const transport = new Transport({
    server: SERVER,
    credentials: { current: async () => proof, renew: () => false },
    // Nothing is dialled: `send` asks the history's API server.
    agentFor: async () => undefined as never,
    headers: { 'User-Agent': 'kubectl-zeroloss/v0' },
    via: undefined,
    compression: false,
    connectTimeoutMs: PATIENCE_MS,
    requestTimeoutMs: 0,
    trace: new HttpTrace(trace === undefined ? undefined : (_level, line) => trace(line), VERBOSITY),
    warnings: () => undefined,
    sleep: clock.sleep,
    now: clock.now,
    random,
    patienceMs: PATIENCE_MS,
    tell,
    send: wire.exchange,
  });
  const client = new KubeClient(transport, { namespace: NAMESPACE, fieldManager: 'kubectl-zeroloss' });
  const { kube, wrote } = watchWrites(overriding(client, { exec: wire.exec }));
  const call = createCalls({
    send: wire.send,
    endpointOf: (service) => ({ protocol: 'https://', host: `${service}.example` }),
    limiter: createLimiter(clock),
    clock,
    random,
    trace: (_level, line) => trace?.(line),
    verbosity: trace === undefined ? 0 : VERBOSITY,
    timeoutMs: 15_000,
    tell,
  });
  const cloud: Cloud = {
    regions: { flag: REGION },
    credentials: async () => 'history',
    call: (service, action, params, { region, signal: asked }) =>
      call({ service, action, params, region, signal: asked }, CLOUD_KEYS),
  };
  const worldWith = (sources: readonly ConnectionSource[]): World => ({
    kube,
    balancer: createLoadBalancer(cloud, clock),
    sources,
    clock,
    report,
    signal,
    place: { context: 'histories', server: SERVER.href },
    // All people work on one machine, which is never started anew.
    machine: 'bastion#boot',
    ...people,
  });
  const create = ({ flags, mayWrite }: CountingFlags) => {
    const surroundings = { kube, clock, cloud: async () => cloud, mayWrite, warn: (line: string) => report.warn(line) };
    return (source: SourceDefinition) => lazySource(source, flags, surroundings);
  };
  const glances = create({ flags: {}, mayWrite: false });
  return {
    world: worldWith(SOURCES.filter(({ forGlances }) => forGlances).map(glances)),
    counting: (counting) => worldWith(SOURCES.map(create(counting))),
    wrote,
    close: async () => undefined,
  };
}
