/** The settings that node:tls needs to trust a server and to present a client certificate. */
export interface TlsMaterial {
  /** The only certificates that are trusted, PEM; undefined: Node's bundled roots and the system's. */
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  /** The name to expect in the server's certificate; undefined: the host of the URL. */
  servername?: string;
  /** False: nothing is verified. Only a kubeconfig or a flag sets it. */
  rejectUnauthorized?: false;
}
