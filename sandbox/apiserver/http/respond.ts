/** Writes answers: Status errors, plain JSON, objects and lists in the representation the client asked for. */
import type { ServerResponse } from 'node:http';
import { PatchError } from '../../semantics/patch/patch-error.ts';
import { ApiError, type ErrorDetails, internalError } from './api-error.ts';

/** Answers with a JSON text. */
export function sendJson(response: ServerResponse, code: number, json: string, contentType = 'application/json'): void {
  const body = Buffer.from(json, 'utf8');
  response.writeHead(code, { 'Content-Type': contentType, 'Content-Length': body.length });
  response.end(body);
}

/** Answers with plain text, as the health and log endpoints do. */
export function sendText(response: ServerResponse, code: number, text: string): void {
  const body = Buffer.from(text, 'utf8');
  response.writeHead(code, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': body.length,
  });
  response.end(body);
}

/** Answers with a failure; whatever is not an error of the API becomes 500 InternalError. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const failure = asApiError(error);
  const retryAfter = failure.details?.retryAfterSeconds;
  if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
  // The rest of a body that was refused half-read must not be taken for the next request.
  if (failure.code === 413) response.setHeader('Connection', 'close');
  sendJson(response, failure.code, JSON.stringify(failure.toStatus()));
}

/** The error of the API that an exception stands for. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof PatchError) {
    const details: ErrorDetails | undefined =
      error.causes.length > 0 ? { causes: [...error.causes] } : error.httpStatus === 422 ? {} : undefined;
    return new ApiError(error.httpStatus, error.reason, error.message, details);
  }
  return internalError(error instanceof Error ? error.message : String(error));
}

/** Adds a warning for people, which kubectl prints as `Warning: …` (RFC 7234, 5.5: code 299). */
export function addWarning(response: ServerResponse, text: string): void {
  response.appendHeader('Warning', `299 - "${text.replaceAll(/(["\\])/g, '\\$1')}"`);
}
