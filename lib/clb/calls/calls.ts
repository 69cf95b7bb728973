/** The one place that every call of the cloud goes through: quota, credentials, tries and pauses, deadline, traces. */
import { maskId, SecretMask } from '../../core/values/mask.ts';
import { reasonNaming, SlowAnswers, type Tell } from '../../net/slow-answer.ts';
import type { Clock } from '../../ports.ts';
import type { CredentialHolder } from '../credentials/holder.ts';
import type { CloudKeys } from '../credentials/source.ts';
import type { AnswerObject } from './cloud-answer.ts';
import type { EndpointOf } from './cloud-endpoint.ts';
import { WireError, withTexts } from './cloud-failure.ts';
import { backoffMs, retryClass } from './cloud-retry.ts';
import type { Send, WireRequest } from './cloud-wire.ts';
import { explain } from './explain.ts';
import type { Limiter } from './limiter.ts';

export type Trace = (level: number, line: string) => void;

export interface CallsOptions {
  send: Send;
  endpointOf: EndpointOf;
  limiter: Limiter;
  clock: Clock;
  random: () => number;
  trace: Trace;
  /** The highest level of traces that anybody reads; higher ones are not made. */
  verbosity: number;
  timeoutMs: number;
  /** Takes the line about an answer that does not come. */
  tell: Tell;
}

/** The signer of a call: the run's credentials, a given one, or nothing. */
export type Signer = CredentialHolder | CloudKeys | 'unsigned';

export type Call = (request: Omit<WireRequest, 'credential'>, signer: Signer) => Promise<AnswerObject>;

/** A call that has not succeeded by then, pauses included, has failed. */
const DEADLINE_MS = 60_000;
/** The level of traces that show what was sent and answered. */
const BODIES = 8;
/** Tries when there is no answer: a dead endpoint should be known within seconds. */
const NETWORK_TRIES = 4;

const isHolder = (signer: Signer): signer is CredentialHolder => typeof signer === 'object' && 'current' in signer;

export function createCalls(options: CallsOptions): Call {
  const { send, endpointOf, limiter, clock, random, trace, verbosity, timeoutMs, tell } = options;
  const mask = new SecretMask();
  const slow = new SlowAnswers(tell);
  return async (request, signer) => {
    const { service, action, region, signal } = request;
    const name = `${service}:${action}`;
    let endAtMs = clock.now() + DEADLINE_MS;
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const credential = isHolder(signer) ? await signer.current(signal) : signer;
      const done = await limiter.take(`${name} ${region}`, signal);
      const secret = credential === 'unsigned' ? undefined : credential;
      learn(mask, secret);
      const beganMs = clock.now();
      const say = (level: number, text: string) => trace(level, mask.json(`${name} ${region} ${text}`));
      // STS requests and answers are secrets themselves.
      const tellsBodies = verbosity >= BODIES && service !== 'sts';
      if (tellsBodies) say(BODIES, `request ${JSON.stringify(request.params)}`);
      try {
        const { host } = endpointOf(service, region);
        const asked = send({ ...request, credential }).finally(done);
        const answer = await slow.watch(`${name} at ${host} has not been answered`, asked);
        say(6, `ok in ${clock.now() - beganMs} ms, RequestId ${answer['RequestId']}`);
        if (tellsBodies) say(BODIES, `answer ${JSON.stringify(answer).slice(0, 4096)}`);
        return answer;
      } catch (error) {
        if (signal?.aborted) throw reasonNaming(`${name} at ${endpointOf(service, region).host}`, signal);
        if (!(error instanceof WireError)) throw error;
        const failure = withTexts(error.failure, (text) => mask.text(text));
        const kind = retryClass(failure);
        say(6, `failed (try ${attempt}, ${kind}): ${JSON.stringify(failure)}`);
        // A token that ended in the middle of a wait: its source may hold the next one already.
        if (kind === 'credential' && !renewed && isHolder(signer) && secret !== undefined) {
          renewed = true;
          if (await signer.renew(secret, signal)) continue;
        }
        const pauseMs = backoffMs(attempt, random);
        // It is never further off than that, or a clock that is set back would put it off.
        endAtMs = Math.min(endAtMs, clock.now() + DEADLINE_MS);
        const again =
          (kind === 'throttled' || kind === 'busy' || (kind === 'network' && attempt < NETWORK_TRIES)) &&
          clock.now() + pauseMs < endAtMs;
        if (!again) {
          const identity = isHolder(signer) && secret !== undefined ? signer.identity(secret) : undefined;
          const { host } = endpointOf(service, region);
          throw explain(failure, { service, action, region, host, timeoutMs, identity });
        }
        await clock.sleep(pauseMs, signal);
      }
    }
  };
}

function learn(mask: SecretMask, credential: CloudKeys | undefined): void {
  if (credential === undefined) return;
  const { secretId, secretKey, token } = credential;
  mask.learn(secretKey);
  mask.learn(token);
  mask.learn(secretId, maskId(secretId));
}
