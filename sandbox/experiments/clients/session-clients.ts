/** Clients with long sessions, like those of WebSockets: they stay until they leave, move, or are cut. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionPlan } from '../experiment.ts';

export interface SessionClients {
  counts(): { sessions: number; cut: number; moved: number; longestGapMs: number; open: number };
  /** Leaves every session. */
  stop(): Promise<void>;
}

const RECONNECT_AFTER_MS = 100;
/** The pod is asked for a longer session than any client stays, so that leaving is the client's part. */
const LONGEST_MS = 3_600_000;

export function startSessionClients(door: { host: string; port: number }, plan: SessionPlan): SessionClients {
  const counts = { sessions: 0, cut: 0, moved: 0, longestGapMs: 0 };
  const open = new Set<Socket>();
  let stopping = false;

  /** One session after another; resolves at the end. `since`: when the one before was cut. */
  const run = async (since?: number): Promise<void> => {
    let cutAtMs = since;
    while (!stopping) {
      const end = await session(cutAtMs);
      cutAtMs = end === 'cut' ? Date.now() : undefined;
      if (end === 'cut') await sleep(RECONNECT_AFTER_MS);
      if (end === 'moved') return;
    }
  };
  const moved: Promise<void>[] = [];

  const session = (cutAtMs: number | undefined): Promise<'left' | 'cut' | 'moved'> =>
    new Promise((resolve) => {
      const socket = connect({ ...door, noDelay: true });
      let end: 'left' | 'cut' | 'moved' = 'cut';
      let began = false;
      const leave = (how: 'left' | 'moved'): void => {
        end = how;
        socket.destroy();
      };
      // Not all in step.
      const stay = setTimeout(() => leave('left'), plan.lastsMs * (0.75 + Math.random() / 2));
      open.add(socket);
      socket.on('connect', () => socket.write(`GET /session?ms=${LONGEST_MS} HTTP/1.1\r\nHost: sandbox\r\n\r\n`));
      socket.on('data', (bytes: Buffer) => {
        if (!began) {
          began = true;
          counts.sessions += 1;
          if (cutAtMs !== undefined) counts.longestGapMs = Math.max(counts.longestGapMs, Date.now() - cutAtMs);
        }
        if (plan.moves && end === 'cut' && bytes.includes('move ')) {
          counts.moved += 1;
          end = 'moved';
          // The next session stands before this one is left.
          moved.push(run());
          setTimeout(() => socket.destroy(), RECONNECT_AFTER_MS);
        }
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearTimeout(stay);
        open.delete(socket);
        if (end === 'cut' && began && !stopping) counts.cut += 1;
        resolve(end);
      });
    });

  const running = Array.from({ length: plan.clients }, () => run());
  return {
    counts: () => ({ ...counts, open: open.size }),
    async stop() {
      stopping = true;
      for (const socket of open) socket.destroy();
      await Promise.all(running);
      // Those that moved may have gone on in further ones.
      for (let at = 0; at < moved.length; at += 1) await moved[at];
    },
  };
}
