/**
 * HAProxy in the place of the sandbox's own proxy: a load balancer that this project did not write carries the
 * connections, checks the health, and says itself what weight, health and connections each backend has.
 */
import type { BalancerTarget } from '../../sandbox/clb/balancers/balancer-target.ts';
import type { HealthCheckSettings, SocketAddress } from '../../sandbox/clb/model.ts';
import type { CarriedConnection, Carrier } from '../../sandbox/clb/plane-world.ts';
import { BACKEND } from './config.ts';
import { type Haproxy, startHaproxy } from './haproxy.ts';
import type { CountedServer, ShownServer } from './runtime-api.ts';

/** How often weight, health and counts are read besides the reads that a question of the cloud API makes. */
const POLL_MS = 100;

/** One backend with its server in HAProxy. */
interface Bound {
  readonly server: string;
  readonly target: BalancerTarget;
  /** The weight that its owner asked for. Its server has 0 until its first health check has passed: HAProxy would send to it before. */
  wanted: number;
  isAdmitted: boolean;
  counted: Omit<CountedServer, 'name'>;
}

/** One HAProxy a listener: it takes servers at run time, listeners only at its start. */
export const haproxyCarrier: Carrier = {
  async open({ vip, port, healthChanged, now }) {
    return new CarriedByHaproxy(await startHaproxy(vip, port), healthChanged, now);
  },
};

class CarriedByHaproxy implements CarriedConnection {
  readonly address: SocketAddress;
  readonly #haproxy: Haproxy;
  readonly #healthChanged: () => void;
  readonly #now: () => number;
  readonly #bound = new Map<BalancerTarget, Bound>();
  readonly #timer: NodeJS.Timeout;
  #reading: Promise<void> | undefined;
  #servers = 0;

  constructor(haproxy: Haproxy, healthChanged: () => void, now: () => number) {
    this.address = haproxy.address;
    this.#haproxy = haproxy;
    this.#healthChanged = healthChanged;
    this.#now = now;
    // A read that fails is tried again at the next tick; a question of the cloud API would get its error.
    this.#timer = setInterval(() => this.refresh().catch(() => undefined), POLL_MS);
  }

  async bind(target: BalancerTarget, route: SocketAddress, health: HealthCheckSettings): Promise<void> {
    this.#servers += 1;
    const server = `s${this.#servers}`;
    const path = `${BACKEND}/${server}`;
    const check = health.on
      ? ` check inter ${health.intervalMs} rise ${health.healthyThreshold} fall ${health.unhealthyThreshold}`
      : '';
    const weight = health.on ? 0 : target.weight;
    const { api } = this.#haproxy;
    await api.run([`add server ${path} ${route.host}:${route.port} weight ${weight}${check}`], /New server registered/);
    await api.run([...(health.on ? [`enable health ${path}`] : []), `enable server ${path}`]);
    const counted = { open: 0, total: 0, bytesIn: 0, bytesOut: 0 };
    if (health.on) target.seen('probing');
    this.#bound.set(target, { server, target, wanted: target.weight, isAdmitted: !health.on, counted });
  }

  async unbind(target: BalancerTarget): Promise<void> {
    const bound = this.#bound.get(target);
    if (bound === undefined) return;
    this.#bound.delete(target);
    const path = `${BACKEND}/${bound.server}`;
    const { api } = this.#haproxy;
    await api.run([`set server ${path} state maint`, `shutdown sessions server ${path}`]);
    for (let left = bound.counted.open; left > 0; left -= 1) target.meter.closed(this.#now());
  }

  async setWeight(target: BalancerTarget, weight: number): Promise<void> {
    const bound = this.#bound.get(target);
    if (bound === undefined) throw new Error('haproxy has no such server');
    bound.wanted = weight;
    if (bound.isAdmitted) await this.#give(bound);
    await this.refresh();
    if (!bound.isAdmitted) target.weight = weight;
    if (target.weight !== weight) throw new Error(`haproxy shows weight ${target.weight}, not ${weight}`);
  }

  /** Reads that come while one is under way wait for the next one, which sees what was written before them. */
  async refresh(): Promise<void> {
    await this.#reading?.catch(() => undefined);
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading?.catch(() => undefined);
    await this.#haproxy.stop();
  }

  #give({ server, wanted }: Bound): Promise<void> {
    return this.#haproxy.api.run([`set server ${BACKEND}/${server} weight ${wanted}`]);
  }

  async #read(): Promise<void> {
    const { api } = this.#haproxy;
    const [shown, counted] = await Promise.all([api.servers(BACKEND), api.counts(BACKEND)]);
    for (const bound of [...this.#bound.values()]) {
      const server = shown.find(({ name }) => name === bound.server);
      const counts = counted.find(({ name }) => name === bound.server);
      if (server === undefined || counts === undefined) continue;
      this.#meter(bound, counts);
      await this.#judge(bound, server);
    }
  }

  async #judge(bound: Bound, server: ShownServer): Promise<void> {
    const { target } = bound;
    if (!bound.isAdmitted && server.isChecked && server.isUp) {
      await this.#give(bound);
      bound.isAdmitted = true;
    } else if (bound.isAdmitted) target.weight = server.weight;
    const health = bound.isAdmitted && server.isUp ? 'alive' : server.isChecked && !server.isUp ? 'dead' : 'probing';
    if (target.seen(health)) this.#healthChanged();
  }

  /** Between two reads every new connection counts as open beside the old ones: no fewer than there were. */
  #meter(bound: Bound, { name: _, ...counts }: CountedServer): void {
    const { meter } = bound.target;
    const { counted } = bound;
    const nowMs = this.#now();
    const opened = counts.total - counted.total;
    for (let left = opened; left > 0; left -= 1) meter.opened(nowMs);
    for (let left = counted.open + opened - counts.open; left > 0; left -= 1) meter.closed(nowMs);
    if (counts.bytesIn > counted.bytesIn) meter.receivedByBackend(counts.bytesIn - counted.bytesIn, nowMs);
    if (counts.bytesOut > counted.bytesOut) meter.sentByBackend(counts.bytesOut - counted.bytesOut, nowMs);
    bound.counted = counts;
  }
}
