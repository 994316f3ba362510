import { isRecord, pointerTo } from './json.ts';
import type { SchemaDocument } from './read-document.ts';
import type { SchemaIssueCode } from './schema-issue.ts';

export interface ReferenceTarget {
  readonly pointer: string;
  readonly schema: unknown;
}

/**
 * Follow a `$ref` within the document: `#`, a URI fragment holding a JSON Pointer (RFC 6901 §6), or `#anchor`. Anything before the `#`
 * makes it remote; nested `$id`s do not change what `#` means.
 */
export function resolveReference(document: SchemaDocument, reference: unknown): ReferenceTarget | SchemaIssueCode {
  if (typeof reference !== 'string') return 'unresolved_reference';
  if (!reference.startsWith('#')) return 'remote_reference';
  const fragment = decodeFragment(reference.slice(1));
  if (fragment === undefined) return 'unresolved_reference';
  if (fragment !== '' && !fragment.startsWith('/')) return document.anchors.get(fragment) ?? 'unresolved_reference';
  let target: ReferenceTarget = { pointer: '', schema: document.root };
  for (const token of fragment.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    const parent = target.schema;
    if (Array.isArray(parent) && /^(0|[1-9][0-9]{0,5})$/.test(key) && Number(key) < parent.length) {
      target = { pointer: pointerTo(target.pointer, key), schema: parent[Number(key)] };
    } else if (isRecord(parent) && Object.hasOwn(parent, key)) {
      target = { pointer: pointerTo(target.pointer, key), schema: parent[key] };
    } else {
      return 'unresolved_reference';
    }
  }
  return isRecord(target.schema) || typeof target.schema === 'boolean' ? target : 'unresolved_reference';
}

function decodeFragment(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
}
