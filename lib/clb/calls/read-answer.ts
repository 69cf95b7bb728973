/** From the cloud's HTTP answer to the content of `Response`, or to the WireError that it is. */
import type { Readable } from 'node:stream';
import { MIB, readBody, TooLargeError } from '../../net/read-body.ts';
import { type AnswerObject, isObject } from './cloud-answer.ts';
import { WireError } from './cloud-failure.ts';

/** The largest answers list some hundred targets, with less than a kilobyte for each. */
const MAX_BYTES = 32 * MIB;

export interface HttpAnswer {
  status: number;
  statusText: string;
  body: Readable;
}

/** The content of `Response` (Tencent Cloud API 3.0, "Response"). Throws WireError for an error in it, another status, and what is no answer of the API. */
export async function readAnswer({ status, statusText, body }: HttpAnswer): Promise<AnswerObject> {
  if (status !== 200) {
    body.resume();
    throw new WireError({ kind: 'http', status, text: statusText }, undefined);
  }
  const text = await readBody(body, MAX_BYTES).catch((error: unknown) => {
    if (error instanceof TooLargeError) throw notTheApi(error.message);
    throw error;
  });
  const response = responseIn(text);
  const { Error: failure, RequestId: requestId } = response;
  if (failure !== undefined && failure !== null) throw refusal(failure, requestId);
  // Every answer of the API has one; what has none is something else.
  if (typeof requestId !== 'string') throw notTheApi('the answer has no RequestId');
  return response;
}

function responseIn(text: string): AnswerObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notTheApi(`the answer is not JSON: ${firstWords(text)}`);
  }
  const response = isObject(value) ? value['Response'] : undefined;
  if (!isObject(response)) throw notTheApi(`the answer has no Response: ${firstWords(text)}`);
  return response;
}

function refusal(failure: unknown, requestId: unknown): WireError {
  const { Code: code, Message: message } = isObject(failure) ? failure : {};
  if (typeof code !== 'string' || code === '') return notTheApi('the answer has an Error without a Code');
  return new WireError(
    {
      ...{ kind: 'api', code, message: typeof message === 'string' ? message : '' },
      requestId: typeof requestId === 'string' && requestId !== '' ? requestId : undefined,
    },
    undefined,
  );
}

const notTheApi = (reason: string): WireError => new WireError({ kind: 'not-the-api', reason }, undefined);

const firstWords = (text: string): string => text.trim().slice(0, 80) || 'it is empty';
