// What Node alone needs for the requests of `status --no-cloud`: the same four GETs over one connection with a client
// certificate, and their JSON. KUBECONFIG is the sandbox's, of which the four lines that count are picked without a parser
// for YAML; the only argument is the namespace.
const { readFileSync } = require('node:fs');
const { Agent, get } = require('node:https');

const config = readFileSync(process.env.KUBECONFIG, 'utf8');
const value = (name) => new RegExp(`^ *${name}: (.*)$`, 'm').exec(config)[1];
const decoded = (name) => Buffer.from(value(name), 'base64');
const server = value('server');
const agent = new Agent({
  keepAlive: true,
  ca: decoded('certificate-authority-data'),
  cert: decoded('client-certificate-data'),
  key: decoded('client-key-data'),
});
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
  const { spec } = await read(`/apis/apps/v1/namespaces/${namespace}/statefulsets/web`);
  await read(`/api/v1/namespaces/${namespace}/services?limit=500`);
  const selector = Object.entries(spec.selector.matchLabels).map((pair) => pair.join('='));
  await read(`/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector.join(','))}&limit=500`);
  await read(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/kubectl-zeroloss-web`);
  process.exit(0);
})();
