/** `npm run bench`: the performance table, as ratios within this run. A benchmark, never a test. `-- http` or `-- database` for a part. */

import { httpRows } from './capabilities.ts';
import { databaseRows } from './database.ts';
import type { Figure } from './figure.ts';
import { print } from './figure.ts';

const part = process.argv[2];
const figures: Figure[] = [];
if (part === undefined || part === 'http') figures.push(...(await httpRows()));
if (part === undefined || part === 'database') figures.push(...(await databaseRows()));
print(figures);
process.exit(0);
