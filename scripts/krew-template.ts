/** `make krew-template`: writes krew-manifest.yaml for the version of package.json. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageVersion, ROOT } from './build/bundle.ts';
import { renderKrewTemplate } from './package/krew-manifest.ts';

await writeFile(join(ROOT, 'krew-manifest.yaml'), renderKrewTemplate(await packageVersion()));
