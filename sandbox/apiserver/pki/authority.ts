/** The sandbox's own certificate authority, kept in its state directory so that a restart trusts the same credentials. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueCertificate, type KeyPair, type Subject } from './certificate.ts';

const YEAR_MS = 365 * 24 * 3600 * 1000;
/** Certificates begin a little in the past, so that a client whose clock is behind accepts them. */
const BACKDATE_MS = 5 * 60 * 1000;
const SUBJECT: Subject = { commonName: 'kubectl-zeroloss-sandbox-ca' };

/** Signs certificates; `certificate` is the PEM that clients must trust. */
export interface Authority {
  readonly certificate: string;
  issueServer(commonName: string, hosts: readonly string[], organizations?: readonly string[]): Promise<KeyPair>;
  /** For a user (CN) in groups (O), as Kubernetes reads client certificates. */
  issueClient(user: string, groups: readonly string[]): Promise<KeyPair>;
}

/** Where the authority's certificate lies: the file that kubectl's `certificate-authority` may name. */
export const authorityFile = (stateDir: string): string => join(stateDir, 'ca.crt');

/** The authority of `stateDir`, made on first use. The private key never leaves its 0600 file. */
export async function openAuthority(stateDir: string): Promise<Authority> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const pair = (await readPair(stateDir)) ?? (await createPair(stateDir));
  // Real time on purpose: TLS peers compare with their own clock, whatever clock the cluster is given.
  const validity = () => ({ notBeforeMs: Date.now() - BACKDATE_MS, notAfterMs: Date.now() + YEAR_MS });
  return {
    certificate: pair.cert,
    issueServer: (commonName, hosts, organizations = []) =>
      issueCertificate({ subject: { commonName, organizations }, usage: 'server', hosts, ...validity() }, pair),
    issueClient: (user, groups) =>
      issueCertificate({ subject: { commonName: user, organizations: groups }, usage: 'client', ...validity() }, pair),
  };
}

async function readPair(stateDir: string): Promise<KeyPair | undefined> {
  try {
    return {
      key: await readFile(join(stateDir, 'ca.key'), 'utf8'),
      cert: await readFile(authorityFile(stateDir), 'utf8'),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function createPair(stateDir: string): Promise<KeyPair> {
  const pair = await issueCertificate({
    subject: SUBJECT,
    usage: 'ca',
    notBeforeMs: Date.now() - BACKDATE_MS,
    notAfterMs: Date.now() + 10 * YEAR_MS,
  });
  await writePrivate(join(stateDir, 'ca.key'), pair.key);
  await writePrivate(authorityFile(stateDir), pair.cert);
  return pair;
}

/** Writes a file that only its owner can read, in one step, so that no reader sees half of it or a wider mode. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  await rename(draft, path);
}
