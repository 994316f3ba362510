import { fileURLToPath } from 'node:url';
import { documentProblems } from './doc-links.ts';

const problems = documentProblems(fileURLToPath(new URL('../', import.meta.url)));
for (const problem of problems) console.log(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
