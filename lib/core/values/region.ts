/**
 * The cloud region of a load balancer, from the first place that knows it.
 * Law: the user's word beats the Service's, the Service's beats the environment's, and the nodes are asked last; a guess that the
 * nodes do not agree on is no answer. The result still has to be proved by finding the load balancer there.
 */

/** Labels of one node. */
export type NodeLabels = Readonly<Record<string, string>>;

/** Author, reason and time; every part may be missing. Texts are as they were found. */
export interface RegionEvidence {
  flag?: string | undefined;
  /** The Service's cross-region-id annotation. */
  annotation?: string | undefined;
  environment?: string | undefined;
  profile?: string | undefined;
  nodes?: readonly NodeLabels[] | undefined;
}

/** A region and, for people, where it came from; or why there is none. */
export type RegionAnswer = { region: string; from: string } | { region: undefined; because: string };

/** Region codes in node labels are short, for example `gz` (TKE, topology.kubernetes.io/region). */
const SHORT_CODES: Readonly<Record<string, string>> = {
  gz: 'ap-guangzhou',
  sh: 'ap-shanghai',
  bj: 'ap-beijing',
  cd: 'ap-chengdu',
  cq: 'ap-chongqing',
  nj: 'ap-nanjing',
  hk: 'ap-hongkong',
  tpe: 'ap-taipei',
  sg: 'ap-singapore',
  jkt: 'ap-jakarta',
  th: 'ap-bangkok',
  kr: 'ap-seoul',
  jp: 'ap-tokyo',
  osa: 'ap-osaka',
  in: 'ap-mumbai',
  use: 'na-ashburn',
  usw: 'na-siliconvalley',
  tor: 'na-toronto',
  de: 'eu-frankfurt',
  ru: 'eu-moscow',
  sao: 'sa-saopaulo',
  tsn: 'ap-tianjin',
  szx: 'ap-shenzhen',
  szjr: 'ap-shenzhen-fsi',
  shjr: 'ap-shanghai-fsi',
  bjjr: 'ap-beijing-fsi',
  qy: 'ap-qingyuan',
  shadc: 'ap-shanghai-adc',
};

const CBS_ZONE = 'topology.com.tencent.cloud.csi.cbs/zone';
const REGION_LABELS = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'];
const FULL_NAME = /^[a-z]{2,}(-[a-z0-9]+)+$/;

/** The long name of a region given long (`ap-guangzhou`) or short (`gz`); undefined when it is neither. */
export function fullRegion(text: string): string | undefined {
  const name = text.trim().toLowerCase();
  return Object.hasOwn(SHORT_CODES, name) ? SHORT_CODES[name] : FULL_NAME.test(name) ? name : undefined;
}

/** The best-founded region, or why none can be named. A text that is no region is an answer too: it is not skipped in silence. */
export function resolveRegion(evidence: RegionEvidence): RegionAnswer {
  const said = [
    { text: evidence.flag, from: '--region' },
    { text: evidence.annotation, from: "the Service's annotation service.cloud.tencent.com/cross-region-id" },
    { text: evidence.environment, from: 'TENCENTCLOUD_REGION' },
    { text: evidence.profile, from: "the profile's configuration" },
  ].find(({ text }) => text !== undefined && text.trim() !== '');
  if (said?.text !== undefined) {
    const region = fullRegion(said.text);
    if (region !== undefined) return { region, from: said.from };
    return {
      region: undefined,
      because: `${said.from} says "${said.text}", which is not a region (like ap-guangzhou)`,
    };
  }
  return fromNodes(evidence.nodes ?? []);
}

function fromNodes(nodes: readonly NodeLabels[]): RegionAnswer {
  const regions = [...new Set(nodes.map(regionOfNode).filter((region) => region !== undefined))].sort();
  const [region, ...others] = regions;
  if (region === undefined)
    return { region: undefined, because: 'neither flags, environment, profile nor node labels name a region' };
  if (others.length > 0)
    return { region: undefined, because: `the nodes are in several regions: ${regions.join(', ')}` };
  return { region, from: 'the labels of the nodes' };
}

/** The CBS zone label has the full zone name (`ap-chengdu-1`); the standard label only a short code. */
function regionOfNode(labels: NodeLabels): string | undefined {
  const zone = labels[CBS_ZONE];
  const name = zone === undefined ? undefined : /^(.+)-\d+$/.exec(zone)?.[1];
  if (name !== undefined) return fullRegion(name);
  const short = REGION_LABELS.map((label) => labels[label]).find((text) => text !== undefined);
  return short === undefined ? undefined : fullRegion(short);
}
