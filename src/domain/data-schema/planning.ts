import type { Issue } from '../result.ts';
import { cleanText } from '../untrusted-text.ts';
import { isRecord, pointerTo } from './json.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import type { MappingLine, MappingOutcome, MappingReason } from './mapping.ts';
import type { SchemaDocument } from './read-document.ts';
import { type SchemaIssueCode, schemaIssue } from './schema-issue.ts';

/**
 * The strangers' own words, cleaned and capped, apart from everything that we wrote. Keys are paths of slugs: `deal`, `deal.stage`,
 * `deal.lines.sku` (list steps are not named). The document's own title and description have the path ``.
 */
export interface UntrustedSchemaText {
  readonly entities: Record<string, string>;
  readonly fields: Record<string, string>;
  readonly titles: Record<string, string>;
  readonly descriptions: Record<string, string>;
}

/** What one planning run has found and may still do. Counts only grow; once `stopped`, the outcome is a refusal. */
export class Planning {
  readonly document: SchemaDocument;
  readonly untrusted: UntrustedSchemaText = { entities: {}, fields: {}, titles: {}, descriptions: {} };
  readonly issues: Issue[] = [];
  readonly referenced = new Set<string>();
  patternSize: number = limits.patternProgramTotal;
  sampleSteps: number = limits.stepsPerPlan;
  #lines = new Map<string, MappingLine>();
  #expansions = 0;
  #properties = 0;

  constructor(document: SchemaDocument) {
    this.document = document;
  }

  get stopped(): boolean {
    return this.issues.length > 0;
  }

  get mapping(): MappingLine[] {
    return [...this.#lines.values()];
  }

  /** One line per pointer: where a schema is used more than once, the weakest outcome stands. */
  note(pointer: string, outcome: MappingOutcome, reason: MappingReason): void {
    const known = this.#lines.get(pointer);
    if (known !== undefined && weakness[known.outcome] >= weakness[outcome]) return;
    this.#lines.set(pointer, { pointer, outcome, reason });
    if (this.#lines.size > limits.mappingLines) this.refuse('', 'too_many_keywords');
  }

  refuse(pointer: string, code: SchemaIssueCode): void {
    if (this.issues.length < limits.issues) this.issues.push(schemaIssue(pointer, code));
  }

  countExpansion(pointer: string): void {
    this.#expansions += 1;
    if (this.#expansions > limits.expansions) this.refuse(pointer, 'too_many_expansions');
  }

  countProperty(pointer: string): void {
    this.#properties += 1;
    if (this.#properties > limits.properties) this.refuse(pointer, 'too_many_properties');
  }

  /** The members of the document's `$defs` and `definitions`. */
  definitions(): { readonly name: string; readonly pointer: string; readonly schema: unknown }[] {
    const { root } = this.document;
    return ['$defs', 'definitions'].flatMap((keyword) => {
      const members = isRecord(root) ? root[keyword] : undefined;
      if (!isRecord(members)) return [];
      return Object.entries(members).map(([name, schema]) => ({ name, pointer: pointerTo(`/${keyword}`, name), schema }));
    });
  }

  /** After everything else: report the definitions that are no entities, and `$defs` that hold none. */
  noteDefinitions(): void {
    for (const { pointer } of this.definitions()) {
      if (this.#lines.has(pointer)) continue;
      const used = this.referenced.has(pointer);
      this.note(pointer, used ? 'mapped' : 'dropped', used ? 'inlined' : 'unreferenced');
    }
    const { root } = this.document;
    for (const keyword of isRecord(root) ? ['$defs', 'definitions'].filter((key) => Object.hasOwn(root, key)) : []) {
      const members = isRecord(root) ? root[keyword] : undefined;
      if (!isRecord(members)) this.note(`/${keyword}`, 'dropped', 'malformed');
      else if (Object.keys(members).length === 0) this.note(`/${keyword}`, 'mapped', 'honoured');
    }
  }

  keepText(path: string, keyword: 'title' | 'description', value: string): void {
    const [target, length] =
      keyword === 'title'
        ? ([this.untrusted.titles, limits.originalCharacters] as const)
        : ([this.untrusted.descriptions, limits.descriptionCharacters] as const);
    const text = cleanText(value, length);
    if (text !== '' && !Object.hasOwn(target, path)) target[path] = text;
  }
}

const weakness: Record<MappingOutcome, number> = { mapped: 0, coerced: 1, dropped: 2 };
