/** `npm run bench`: the performance table, as ratios within this run. A benchmark, never a test. `-- http`, `-- database`, `-- identity`, `-- ledger`, `-- pages`, `-- seal` or `-- webhook` for a part. */

import { httpRows } from './capabilities.ts';
import { databaseRows } from './database.ts';
import type { Figure } from './figure.ts';
import { print } from './figure.ts';
import { identityRows } from './identity.ts';
import { ledgerRows } from './ledger.ts';
import { pagesRows } from './pages.ts';
import { sealRows } from './seal.ts';
import { webhookRows } from './webhook.ts';

const part = process.argv[2];
const figures: Figure[] = [];
if (part === undefined || part === 'http') figures.push(...(await httpRows()));
if (part === undefined || part === 'database') figures.push(...(await databaseRows()));
if (part === undefined || part === 'identity') figures.push(...(await identityRows()));
if (part === undefined || part === 'ledger') figures.push(...(await ledgerRows()));
if (part === undefined || part === 'pages') figures.push(...(await pagesRows()));
if (part === undefined || part === 'seal') figures.push(...(await sealRows()));
if (part === undefined || part === 'webhook') figures.push(...(await webhookRows()));
print(figures);
process.exit(0);
