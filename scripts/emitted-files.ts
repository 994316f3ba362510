import packageJson from '../package.json' with { type: 'json' };
import { configReference, envExample } from '../src/config-reference.ts';
import { toolsOf } from '../src/mcp/tools.ts';
import { catalogue } from '../src/operations/catalogue.ts';
import { type FailureCode, failures } from '../src/operations/failures.ts';
import { failuresOf } from '../src/operations/operation.ts';
import { whoMayPage } from '../src/operations/who-may.ts';
import { openApiDocument } from '../src/routes/openapi.ts';
import { assetNamesFile, browserAssets } from './browser-assets.ts';
import { vendorReference } from './emit-vendor-docs.ts';

/** A file of the repository that is made from code and kept in it, so that a change of what callers see shows in review. */
export interface EmittedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly content: string;
}

/** All of them, always with the same bytes for the same code. Costs about a second. */
export function emittedFiles(): readonly EmittedFile[] {
  const vendor = vendorReference();
  const assets = browserAssets();
  return [
    ...assets.map(({ name, content }) => ({ path: `assets/${name}`, content })),
    { path: 'src/web/asset-names.ts', content: assetNamesFile(assets) },
    { path: 'openapi/openapi.json', content: json(openApiDocument(catalogue, packageJson.version)) },
    { path: 'openapi/tools.json', content: json({ tools: toolsOf(catalogue) }) },
    { path: 'openapi/who-may.md', content: whoMayPage(catalogue) },
    { path: 'openapi/failures.json', content: json(failures) },
    { path: 'openapi/vendor.schema.json', content: json(vendor.schema) },
    { path: 'docs/vendor-configuration.md', content: vendor.markdown },
    { path: 'docs/configuration.md', content: configurationPage() },
    { path: 'docs/failures.md', content: failuresPage() },
    { path: '.env.example', content: envExample() },
  ];
}

function configurationPage(): string {
  return [
    '# Configuration',
    '',
    'Every environment variable that the server reads. The embedded default (`npm start`) needs none of them; `.env.example` is the same list',
    'to copy. All problems are reported at once, at the start, and no message repeats a value.',
    '',
    configReference(),
  ].join('\n');
}

/** One row a failure, in the order of the table in code: by status. */
function failuresPage(): string {
  const rows = codes().map((code) => {
    const { status, title, retryable, advice } = failures[code];
    return `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${title} | ${advice} | ${reach(code)} |`;
  });
  return [
    '# Failures',
    '',
    'Every failure that a caller can meet. Over REST it is a problem document (RFC 9457) with this status; over MCP it is a tool result with',
    '`isError` and the same document as text, except that `auth.*` is HTTP 401 and `scope.missing` HTTP 403. Retry means that the same',
    'request, with the same idempotency key, may succeed later. Title and advice are constants: nothing that a caller sent is repeated in them.',
    '',
    '| code | status | retry | title | advice | operations |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** Which operations may answer with it, in few words. */
function reach(code: FailureCode): string {
  const names = catalogue.filter((operation) => failuresOf(operation).includes(code)).map(({ name }) => name);
  if (names.length === catalogue.length) return 'all';
  if (names.length > catalogue.length / 2) return `${names.length} of ${catalogue.length}`;
  return names.length === 0 ? 'no operation' : names.map((name) => `\`${name}\``).join(', ');
}

const codes = (): FailureCode[] => (Object.keys(failures) as FailureCode[]).sort((a, b) => failures[a].status - failures[b].status);

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
