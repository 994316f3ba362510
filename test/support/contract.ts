/** Whether an answer is what this service says of itself: the operation's own schema, its OpenAPI response, its tool's output schema. */
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { toolsOf } from '../../src/mcp/tools.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { type FailureCode, failures } from '../../src/operations/failures.ts';
import { failuresOf, type Operation } from '../../src/operations/operation.ts';
import { linesType } from '../../src/routes/lines.ts';
import { openApiDocument } from '../../src/routes/openapi.ts';
import type { Called, DoorName } from './doors.ts';

/** What is wrong with an answer, or null. */
export function offenceOf(door: DoorName, operation: Operation, called: Called): string | null {
  if (/\n\s+at |node_modules|\.ts:\d|postgres|SQLSTATE/i.test(called.text)) return 'shows how it is made';
  // Too large to be read as a message at all: the one failure of a tool call that is not told as a problem document.
  if (door === 'mcp' && called.status === 413 && called.body?.error?.code === -32000) return null;
  return (called.ok ? answerOffence : problemOffence)(operation, called) ?? schemaOffence(door, operation, called);
}

/** The OpenAPI document as this service publishes it. */
export const openapi = JSON.parse(JSON.stringify(openApiDocument(catalogue, 'test'))) as OpenApi;

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: object }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>;
}

function answerOffence(operation: Operation, { body }: Called): string | null {
  const parsed = operation.output.safeParse(body);
  return parsed.success ? null : `does not fit the output of ${operation.name}: ${parsed.error.message}`;
}

function problemOffence(operation: Operation, { status, body, headers }: Called): string | null {
  if (!isFailureCode(body?.code)) return 'is not a problem document';
  const code: FailureCode = body.code;
  if (!failuresOf(operation).includes(code)) return `${code} is not declared`;
  const { title, advice, retryable, status: declared } = failures[code];
  if (body.status !== declared || (status !== 200 && status !== declared)) return `${code} has another status`;
  if (body.title !== title || body.advice !== advice || body.retryable !== retryable) return `${code} has other words`;
  if (status !== 200 && !headers.get('Content-Type')?.startsWith('application/problem+json')) return 'is sent as something else';
  return null;
}

function schemaOffence(door: DoorName, operation: Operation, { ok, status, body }: Called): string | null {
  if (door === 'rest' || !ok) return complaint(responseValidator(operation, ok ? String(status) : String(body.status)), body);
  return complaint(toolValidator(operation), body);
}

type Validator = ReturnType<AjvJsonSchemaValidator['getValidator']>;
const ajv = new AjvJsonSchemaValidator();
const validators = new Map<string, Validator | null>();
const tools = new Map(toolsOf(catalogue).map((tool) => [tool.name, tool]));

function complaint(validator: Validator | null, body: unknown): string | null {
  if (validator === null) return 'has a status that the OpenAPI document does not name';
  const checked = validator(body);
  return checked.valid ? null : `does not fit the published schema: ${checked.errorMessage}`;
}

function responseValidator({ name, rest }: Operation, status: string): Validator | null {
  const response = rest ? openapi.paths[rest.path]?.[rest.method]?.responses[status] : undefined;
  const [[type, media] = []] = Object.entries(response?.content ?? {});
  const schema = type === linesType ? { type: 'object', properties: { data: { type: 'array', items: media?.schema } } } : media?.schema;
  return schema ? remembered(`${name} ${status}`, () => ({ ...schema, components: openapi.components })) : null;
}

function toolValidator({ name }: Operation): Validator | null {
  const schema = tools.get(name)?.outputSchema;
  return schema ? remembered(name, () => schema) : null;
}

function remembered(name: string, schema: () => object): Validator {
  const known = validators.get(name) ?? ajv.getValidator(schema());
  validators.set(name, known);
  return known;
}

function isFailureCode(code: unknown): code is FailureCode {
  return typeof code === 'string' && Object.hasOwn(failures, code);
}
