import type { Tool } from '@modelcontextprotocol/server';
import { invariant } from '../domain/result.ts';
import type { Operation } from '../operations/operation.ts';
import { doorArguments } from './door-arguments.ts';
import { legibleOf, lightOf, objectSchemaOf, outlineOf } from './object-schema.ts';

/** The tools of these operations, in their order: the same for every caller. Costs some milliseconds; make it once. */
export function toolsOf(operations: readonly Operation[]): readonly Tool[] {
  return operations.filter(({ mcp }) => mcp).map(toolOf);
}

function toolOf(operation: Operation): Tool {
  const { name, title, kind, sideEffect } = operation;
  return {
    name,
    title,
    description: `${operation.description} ${accessSentence(operation)}`,
    inputSchema: inputSchemaOf(operation),
    outputSchema: kind === 'document' ? outlineOf(objectSchemaOf(operation.output)) : lightOf(objectSchemaOf(operation.output)),
    annotations: {
      title,
      readOnlyHint: kind !== 'write',
      destructiveHint: kind === 'write' && sideEffect === 'irreversible',
      // A retry with the same idempotency key has no further effect.
      idempotentHint: true,
      // A desk speaks of one vendor only.
      openWorldHint: false,
    },
  };
}

function inputSchemaOf(operation: Operation): Tool['inputSchema'] {
  const schema = legibleOf(objectSchemaOf(operation.input));
  const properties = { ...schema.properties };
  const required = [...(schema.required ?? [])];
  for (const [name, argument] of Object.entries(doorArguments)) {
    if (!argument.takenBy(operation)) continue;
    invariant(!Object.hasOwn(properties, name), `${operation.name} leaves ${name} to the door`);
    properties[name] = argument.schema;
    if (argument.required) required.push(name);
  }
  return { ...schema, properties, required };
}

/** Over REST the OpenAPI document says this; MCP has no place for it but words. */
function accessSentence({ access }: Operation): string {
  if (access === 'public') return 'Access: no credential.';
  if (access.scope === null) return access.anonymous ? 'Access: no credential.' : 'Access: any credential.';
  return access.anonymous ? `Access: anonymous, or scope ${access.scope}.` : `Access: scope ${access.scope}.`;
}
