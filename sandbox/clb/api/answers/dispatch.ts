/** From an HTTP request to an action of the sandbox's cloud: signature, faults and limits come first. */

import { randomUUID } from 'node:crypto';
import type { Clb } from '../../balancers/balancers.ts';
import { CloudFault } from '../../balancers/fault.ts';
import type { Accounts } from '../accounts.ts';
import { clbActions } from '../actions/clb-actions.ts';
import { monitorActions } from '../actions/monitor-actions.ts';
import { stsActions } from '../actions/sts-actions.ts';
import { type ApiAction, type ApiAnswer, type ApiCall, isRecord, Params } from '../call.ts';
import { type ActiveFault, throwFault } from '../cloud-faults.ts';
import type { RateLimit } from '../rate-limit.ts';
import { assertFresh, assertSigned, parseAuthorization, type SignedRequest } from '../tc3.ts';
import { distort } from './distort.ts';

const KEPT_ANSWERS = 500;

/** Turns one request into the fields of its `Response`; every refusal is thrown as CloudFault. */
export class Dispatcher {
  readonly #clb: Clb;
  readonly #accounts: Accounts;
  readonly #limit: RateLimit;
  readonly #actions: Readonly<Record<string, Record<string, ApiAction>>>;
  readonly #earlier = new Map<string, ApiAnswer>();

  constructor(clb: Clb, accounts: Accounts, limit: RateLimit, monitorDelayMs: () => number) {
    this.#clb = clb;
    this.#accounts = accounts;
    this.#limit = limit;
    this.#actions = {
      '2018-03-17': clbActions(clb),
      '2018-07-24': monitorActions(clb, monitorDelayMs),
      '2018-08-13': stsActions(accounts),
    };
  }

  answer(request: SignedRequest, faults: readonly ActiveFault[], nowMs: number): ApiAnswer {
    const { headers } = request;
    const name = text(headers['x-tc-action']);
    const action = this.#actionOf(name, text(headers['x-tc-version']));
    const secretId = this.#authenticate(request, name, nowMs);
    throwFault(faults);
    const region = text(headers['x-tc-region']);
    if (action.regional) assertRegion(region);
    this.#limit.take(`${secretId}|${region}|${name}`, nowMs);
    const call: ApiCall = { action: name, region, params: parseBody(request.body), nowMs, secretId };
    call.params.check(action);
    const answer = { RequestId: randomUUID(), ...action.run(call) };
    const question = `${region}|${name}|${JSON.stringify(call.params)}`;
    const earlier = (): ApiAnswer => this.#earlier.get(question) ?? answer;
    const moment = { action: name, nowMs, periodSeconds: this.#clb.monitorPeriodSeconds, earlier };
    const distorted = distort(answer, faults, moment);
    this.#remember(question, distorted);
    return distorted;
  }

  #actionOf(name: string, version: string): ApiAction {
    if (name === '') throw new CloudFault('MissingParameter', 'The request is missing a required parameter `Action`.');
    const actions = this.#actions[version];
    if (actions === undefined) throw new CloudFault('NoSuchVersion', `The version \`${version}\` is not found.`);
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined)
      throw new CloudFault('InvalidAction', `The action \`${name}\` is not found in ${version}.`);
    return action;
  }

  #authenticate(request: SignedRequest, action: string, nowMs: number): string {
    const { headers } = request;
    // The OIDC exchange is what gets a client its first credential, so it is not signed.
    if (action === 'AssumeRoleWithWebIdentity' && headers.authorization === 'SKIP') return 'SKIP';
    const authorization = parseAuthorization(headers.authorization);
    const timestamp = assertFresh(headers, authorization, nowMs);
    const token = text(headers['x-tc-token']);
    const { secretKey } = this.#accounts.find(authorization.secretId, token, nowMs);
    assertSigned(request, authorization, timestamp, secretKey);
    return authorization.secretId;
  }

  #remember(question: string, answer: ApiAnswer): void {
    this.#earlier.set(question, answer);
    if (this.#earlier.size <= KEPT_ANSWERS) return;
    for (const oldest of this.#earlier.keys()) {
      this.#earlier.delete(oldest);
      return;
    }
  }
}

const text = (header: string | string[] | undefined): string => (typeof header === 'string' ? header : '');

function assertRegion(region: string): void {
  if (region === '') throw new CloudFault('MissingParameter', 'The request is missing a required parameter `Region`.');
  if (!/^[a-z]{2}(?:-[a-z]+)+(?:-\d+)?$/.test(region)) {
    throw new CloudFault('UnsupportedRegion', `The region \`${region}\` is not supported.`);
  }
}

function parseBody(body: Buffer): Params {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.length === 0 ? '{}' : body.toString('utf8'));
  } catch {
    parsed = undefined;
  }
  if (!isRecord(parsed)) throw new CloudFault('InvalidParameter', 'The request body is not a JSON object.');
  return new Params(parsed);
}
