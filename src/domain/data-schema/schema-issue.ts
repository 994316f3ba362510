import type { Issue } from '../result.ts';
import { dataSchemaLimits as limits } from './limits.ts';

/** Why a schema is refused as a whole; everything milder is a mapping line. */
export type SchemaIssueCode = keyof typeof sentences;

export function schemaIssue(pointer: string, code: SchemaIssueCode): Issue {
  return { pointer, code, message: sentences[code] };
}

const sentences = {
  not_json: 'The document holds something that is not JSON.',
  too_large: `The document, or what its references expand to, is too large; the limit is ${limits.documentBytes} bytes.`,
  too_deep: `The schema is nested too deeply; fields may nest ${limits.schemaDepth} levels, the JSON ${limits.documentDepth}.`,
  forbidden_key: 'This key is not accepted.',
  key_too_long: `A key here is longer than ${limits.keyCharacters} characters.`,
  name_too_long: `The name of a property or entity is longer than ${limits.nameCharacters} characters.`,
  invisible_text: 'A key here holds control or invisible characters.',
  unstorable_text: 'The text holds a null character or a lone surrogate.',
  no_entity: 'No object with properties was found: neither under $defs, nor under properties, nor the document itself.',
  too_many_entities: `There are more than ${limits.entities} entities.`,
  too_many_properties: `There are more than ${limits.properties} properties, counted after references are inlined.`,
  too_many_expansions: `More than ${limits.expansions} references and branches would have to be followed.`,
  too_many_keywords: `More than ${limits.mappingLines} schema elements would have to be reported.`,
  remote_reference: 'References must stay within the document.',
  unresolved_reference: 'The reference leads nowhere.',
  recursive_reference: 'The reference leads back to a schema that contains it.',
} as const;
