import { OpenAPIHono, z } from '@hono/zod-openapi';
import { type FailureCode, failures } from '../operations/failures.ts';
import { failuresOf, type Operation } from '../operations/operation.ts';
import { scopeWords } from '../operations/scope-words.ts';
import { linesType } from './lines.ts';
import { tableType } from './table.ts';

type Path = Parameters<OpenAPIHono['openAPIRegistry']['registerPath']>[0];
type Responses = Path['responses'];

const problem = z
  .object({
    type: z.url().describe('Documents the code.'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    code: z.enum(Object.keys(failures) as [FailureCode, ...FailureCode[]]),
    request_id: z.string(),
    retryable: z.boolean(),
    advice: z.string().describe('One sentence for an agent.'),
    errors: z.array(z.object({ pointer: z.string(), code: z.string(), message: z.string() })).optional(),
    retry_after_s: z.int().optional(),
    required_scope: z.string().optional(),
    next_actions: z.array(z.object({ operation: z.string(), method: z.string(), url: z.string(), why: z.string() })).optional(),
    challenge: z
      .object({ alg: z.literal('sha-256'), bits: z.int(), challenge: z.string(), expires_at: z.string() })
      .describe('Find a number such that SHA-256 of `<challenge>.<number>` begins with `bits` zero bits; that text is the answer.')
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document.' });

/** The OpenAPI 3.1 document of the catalogue. The same for every tenant: addresses are relative. */
export function openApiDocument(operations: readonly Operation[], version: string): object {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key (fd_key_…), a workspace key (fd_sbx_…) or an access token.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'oauth2', {
    type: 'oauth2',
    description: 'An access token for an agent with a key of its own (RFC 6749 §4.4, RFC 7523): ten minutes, for what its tier may do.',
    flows: { clientCredentials: { tokenUrl: '/oauth/token', scopes: { ...scopeWords } } },
  });
  for (const operation of operations) {
    const path = pathOf(operation);
    if (path) app.openAPIRegistry.registerPath(path);
    const stream = streamOf(operation, path);
    if (stream) app.openAPIRegistry.registerPath(stream);
  }
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Frontdesk',
      version,
      description:
        'The front desk a vendor opens for autonomous AI agents: read what it offers, check in to a sandbox, have the referral recorded.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(operations.filter(({ rest }) => rest).map(tagOf))].map((name) => ({ name })),
  });
}

function pathOf(operation: Operation): Path | null {
  const { rest, access } = operation;
  if (!rest) return null;
  const inPath = new Set([...rest.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''));
  const fields = Object.entries(operation.input.shape);
  const params = Object.fromEntries(fields.filter(([name]) => inPath.has(name)));
  const others = Object.fromEntries(fields.filter(([name]) => !inPath.has(name)));
  const asQuery = rest.method === 'get';
  const keyed = operation.kind === 'write' && operation.keyed !== false;
  return {
    method: rest.method,
    path: rest.path,
    operationId: operation.name,
    summary: operation.summary,
    description: operation.description,
    tags: [tagOf(operation)],
    security: securityOf(access),
    request: {
      ...(inPath.size > 0 ? { params: z.object(params) } : {}),
      ...(asQuery && Object.keys(others).length > 0 ? { query: z.object(others) } : {}),
      ...(keyed
        ? {
            headers: z.object({
              'Idempotency-Key': z.string().min(1).max(255).describe('A new UUID per intent. Repeat it only to retry the same intent.'),
            }),
          }
        : {}),
      ...(!asQuery && Object.keys(others).length > 0
        ? { body: { required: true, content: { 'application/json': { schema: z.strictObject(others) } } } }
        : {}),
    },
    responses: responsesOf(operation, rest),
  };
}

/** What is enough: each entry by itself (OpenAPI 3.1 §4.8.30). No token carries a scope of staff. */
function securityOf(access: Operation['access']): NonNullable<Path['security']> {
  if (access === 'public') return [];
  const scopes = access.scope === null ? [] : [access.scope];
  const byToken = scopes.every((scope) => Object.hasOwn(scopeWords, scope));
  return [...(access.anonymous ? [{}] : []), { bearer: scopes }, ...(byToken ? [{ oauth2: scopes }] : [])];
}

/** The list as a stream: what is asked is the same, `list_events` is followed by `stream_events`. */
function streamOf(operation: Operation, list: Path | null): Path | null {
  const path = operation.rest?.stream;
  if (!list || path === undefined) return null;
  const content = {
    'text/event-stream': { schema: z.string().describe('Fields id (the sequence), event (the type) and data (the item as JSON).') },
  };
  return {
    ...list,
    path,
    operationId: operation.name.replace(/^list_/, 'stream_'),
    summary: `${operation.title}, live`,
    description:
      'The same list as server-sent events (WHATWG HTML §9.2): first what is stored, then what happens, within two seconds. Connect again ' +
      'with Last-Event-ID, as every client of such streams does by itself, and it goes on without a gap or a double. It ends after a few ' +
      'minutes and when the credential is revoked. An event events.truncated without an id says that some after your place may have ' +
      `been swept. In pages: ${operation.name}.`,
    request: {
      ...list.request,
      headers: z.object({
        'Last-Event-ID': z
          .string()
          .regex(/^\d{1,15}$/)
          .optional()
          .describe('Goes before after.'),
      }),
    },
    responses: { ...list.responses, [operation.rest?.status ?? 200]: { description: `${operation.title}, live`, content } },
  };
}

function responsesOf(operation: Operation, { status, also, lines, table }: NonNullable<Operation['rest']>): Responses {
  const asTable = table ? { [tableType]: { schema: z.string().describe('The same as a table, RFC 4180, with a header.') } } : {};
  const content = lines ? { [linesType]: { schema: lines }, ...asTable } : { 'application/json': { schema: operation.output } };
  const responses: Responses = { [status]: { description: operation.title, content } };
  if (also !== undefined) responses[also] = { description: 'The same, where nothing new was made.', content };
  if (operation.kind === 'document') responses[304] = { description: 'Not modified: If-None-Match names the current bytes.' };
  const byStatus = new Map<number, FailureCode[]>();
  for (const code of failuresOf(operation)) byStatus.set(failures[code].status, [...(byStatus.get(failures[code].status) ?? []), code]);
  for (const [failed, codes] of [...byStatus].sort(([a], [b]) => a - b)) {
    responses[failed] = {
      description: codes.map((code) => `\`${code}\`: ${failures[code].title}.`).join(' '),
      content: { 'application/problem+json': { schema: problem } },
    };
  }
  return responses;
}

const tagOf = ({ rest }: Operation): string => rest?.path.split('/')[2] ?? '';
