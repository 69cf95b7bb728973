// What Node alone needs for the requests of `status --no-cloud`: three GETs over one connection with a client
// certificate, and their JSON. KUBECONFIG is the sandbox's, which is JSON; the only argument is the namespace.
const { readFileSync } = require('node:fs');
const { Agent, get } = require('node:https');

const config = JSON.parse(readFileSync(process.env.KUBECONFIG, 'utf8'));
const decoded = (text) => Buffer.from(text, 'base64');
const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
const { 'client-certificate-data': cert, 'client-key-data': key } = config.users[0].user;
const agent = new Agent({ keepAlive: true, ca: decoded(ca), cert: decoded(cert), key: decoded(key) });
const namespace = process.argv[2];

const read = (path) =>
  new Promise((resolve, reject) => {
    get(`${server}${path}`, { agent }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve(JSON.parse(Buffer.concat(parts).toString())));
    }).on('error', reject);
  });

void (async () => {
  await read(`/apis/apps/v1/namespaces/${namespace}/statefulsets/web`);
  await read(`/api/v1/namespaces/${namespace}/services`);
  await read(`/api/v1/namespaces/${namespace}/pods`);
  process.exit(0);
})();
