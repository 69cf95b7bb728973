/** A refusal of the operating system, in words: `ENOENT: no such file or directory, open '/x'` is for programs. */

/** Codes of POSIX (errno.h) and of Node's resolver, as far as files and local addresses meet them. */
const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'you have no permission',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'your disk quota is used up',
  EEXIST: 'it exists already',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EBUSY: 'it is in use',
  EFBIG: 'it is too large, or has no end',
  EIO: 'the device reports an input or output error',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  EADDRINUSE: 'the address is in use',
  EPIPE: 'the reader has gone',
};

/** The words for an error of the system; the message of any other. */
export function systemErrorText(error: unknown): string {
  const code: unknown = Object(error).code;
  const words = typeof code === 'string' ? WORDS[code] : undefined;
  return words ?? (error instanceof Error ? error.message : String(error));
}
