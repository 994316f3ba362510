import { type Issue, ok, type Result, refuse } from '../result.ts';
import { hasInvisibleText, isStorableText } from '../untrusted-text.ts';
import { forbiddenKeys, isRecord, pointerTo } from './json.ts';
import { dataSchemaLimits as limits } from './limits.ts';
import { schemaIssue } from './schema-issue.ts';

/** A schema document known to be plain JSON within the limits on size, depth and keys, with its `$anchor`s by name. */
export interface SchemaDocument {
  readonly root: unknown;
  readonly anchors: ReadonlyMap<string, { readonly pointer: string; readonly schema: unknown }>;
}

/**
 * Look once over a whole document, without recursion, before anything else touches it. Refuses `schema.unsupported`: what is not JSON,
 * too deep, too large, or uses a key that reaches an object's prototype, is over-long, or holds invisible characters.
 */
export function readDocument(document: unknown): Result<SchemaDocument, 'schema.unsupported'> {
  const anchors = new Map<string, { pointer: string; schema: unknown }>();
  const issues: Issue[] = [];
  const pending: { value: unknown; pointer: string; depth: number }[] = [{ value: document, pointer: '', depth: 1 }];
  let nodes = 0;
  for (let next = pending.pop(); next !== undefined && issues.length < limits.issues; next = pending.pop()) {
    const { value, pointer, depth } = next;
    nodes += 1;
    if (nodes > limits.documentBytes) return tooLarge();
    if (depth > limits.documentDepth) {
      issues.push(schemaIssue(pointer, 'too_deep'));
    } else if (Array.isArray(value)) {
      if (value.length > limits.documentBytes) return tooLarge();
      for (let index = value.length - 1; index >= 0; index -= 1) {
        pending.push({ value: value[index], pointer: pointerTo(pointer, index), depth: depth + 1 });
      }
    } else if (isRecord(value)) {
      if (typeof value.$anchor === 'string' && !anchors.has(value.$anchor)) anchors.set(value.$anchor, { pointer, schema: value });
      for (const [key, member] of Object.entries(value)) {
        const problem = keyProblem(key);
        if (problem === undefined) pending.push({ value: member, pointer: pointerTo(pointer, key), depth: depth + 1 });
        // The pointer of an unreadable key would itself be unreadable, so it leads to the object that holds it.
        else issues.push(schemaIssue(problem === 'forbidden_key' ? pointerTo(pointer, key) : pointer, problem));
        if (pending.length > limits.documentBytes || issues.length >= limits.issues) break;
      }
    } else if (!isScalar(value)) {
      issues.push(schemaIssue(pointer, 'not_json'));
    } else if (typeof value === 'string' && !isStorableText(value)) {
      issues.push(schemaIssue(pointer, 'unstorable_text'));
    }
  }
  if (issues.length > 0) return refuse('schema.unsupported', { issues: issues.slice(0, limits.issues) });
  if (new TextEncoder().encode(JSON.stringify(document)).length > limits.documentBytes) return tooLarge();
  return ok({ root: document, anchors });
}

function keyProblem(key: string): 'forbidden_key' | 'key_too_long' | 'invisible_text' | undefined {
  if (forbiddenKeys.has(key)) return 'forbidden_key';
  if (key.length > limits.keyCharacters) return 'key_too_long';
  return hasInvisibleText(key) ? 'invisible_text' : undefined;
}

function isScalar(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

function tooLarge() {
  return refuse('schema.unsupported', { issues: [schemaIssue('', 'too_large')] });
}
