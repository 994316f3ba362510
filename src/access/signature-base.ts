import { type InnerList, type Item, isInnerList, parseDictionary, serializeInnerList, serializeItem } from 'structured-headers';
import type { SignedRequest } from '../operations/outside.ts';
import { type SignatureAgent, signatureAgentOf } from './signature-agent.ts';
import { accepted, rejected, type Verdict } from './verdict.ts';

/** The one signature of a request, taken apart. Nothing is verified yet. */
export interface RequestSignature {
  readonly signature: Uint8Array<ArrayBuffer>;
  readonly parameters: ReadonlyMap<string, unknown>;
  /** What was signed, if the signature is right (RFC 9421 §2.5). */
  readonly base: Uint8Array<ArrayBuffer>;
  /** Where the signer says that its keys are; itself signed. */
  readonly agent: SignatureAgent;
}

export type BaseRefusal =
  | 'signature_absent'
  | 'signature_malformed'
  | 'signatures_several'
  | 'component_missing'
  | 'component_unsupported'
  | 'agent_unusable';

/**
 * Reads the signature of a request and builds its base. Components that say what the request does have to be covered, all of them: a
 * signature over less could be moved to another request.
 */
export function readSignature(request: SignedRequest): Verdict<RequestSignature, BaseRefusal> {
  const [input, value] = [request.headers.get('signature-input'), request.headers.get('signature')];
  if (input === null || value === null) return rejected('signature_absent');
  const [inputs, signatures] = [dictionaryOf(input), dictionaryOf(value)];
  if (inputs === null || signatures === null) return rejected('signature_malformed');
  if (inputs.size !== 1 || signatures.size !== 1) return rejected('signatures_several');
  const [[label, covered] = []] = inputs;
  const given = label === undefined ? undefined : signatures.get(label);
  if (covered === undefined || !isInnerList(covered) || given === undefined || isInnerList(given)) return rejected('signature_malformed');
  const [bytes] = given;
  if (!(bytes instanceof ArrayBuffer)) return rejected('signature_malformed');

  const components = componentsOf(covered, new URL(request.url));
  if (!components.ok) return components;
  const agent = signatureAgentOf(request.headers, label ?? '', components.value.agentKey);
  if (agent === null) return rejected('agent_unusable');
  const lines: string[] = [];
  for (const { name, identifier } of components.value.list) {
    const component = name === 'signature-agent' ? agent.signed : componentValue(name, request);
    if (component === null || !/^[\t\x20-\x7e]*$/.test(component)) return rejected('component_unsupported');
    lines.push(`${identifier}: ${component}`);
  }
  lines.push(`"@signature-params": ${serializeInnerList(covered)}`);
  const base = new TextEncoder().encode(lines.join('\n'));
  return accepted({ signature: new Uint8Array(bytes), parameters: covered[1], base, agent });
}

/** A Dictionary of structured fields (RFC 9651 §3.2), or null for what is too long or none. */
export function dictionaryOf(text: string): ReadonlyMap<string, Item | InnerList> | null {
  if (text.length > longestField) return null;
  try {
    return parseDictionary(text);
  } catch {
    return null;
  }
}

const longestField = 4096;
const mostComponents = 24;

/** `@query` joins them where there is a query. */
const required = ['@method', '@authority', '@path', 'content-digest', 'signature-agent'];

interface Components {
  readonly list: readonly { readonly name: string; readonly identifier: string }[];
  /** Which member of Signature-Agent is covered (`"signature-agent";key="sig1"`); null covers the whole field. */
  readonly agentKey: string | null;
}

function componentsOf([items]: InnerList, { search }: URL): Verdict<Components, 'component_missing' | 'component_unsupported'> {
  if (items.length > mostComponents) return rejected('component_unsupported');
  let agentKey: string | null = null;
  const list = [];
  for (const [name, parameters] of items) {
    const [[parameter, key] = []] = parameters;
    if (typeof name !== 'string' || parameters.size > 1) return rejected('component_unsupported');
    if (parameter !== undefined) {
      if (name !== 'signature-agent' || parameter !== 'key' || typeof key !== 'string') return rejected('component_unsupported');
      agentKey = key;
    }
    list.push({ name, identifier: serializeItem([name, parameters]) });
  }
  const names = list.map(({ name }) => name);
  if (new Set(names).size !== names.length) return rejected('component_unsupported');
  const needed = search === '' ? required : [...required, '@query'];
  return needed.every((name) => names.includes(name)) ? accepted({ list, agentKey }) : rejected('component_missing');
}

/** The value of a component without parameters (RFC 9421 §2.1, §2.2); null where the request has none or we do not know it. */
function componentValue(name: string, { method, url, headers }: SignedRequest): string | null {
  const { host, pathname, search, protocol, href } = new URL(url);
  switch (name) {
    case '@method':
      return method;
    case '@authority':
      return host;
    case '@path':
      return pathname;
    case '@query':
      return search === '' ? '?' : search;
    case '@scheme':
      return protocol.slice(0, -1);
    case '@target-uri':
      return href;
    default:
      return /^[a-z0-9][a-z0-9-]*$/.test(name) && !name.startsWith('signature') ? headers.get(name) : null;
  }
}
