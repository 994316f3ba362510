/**
 * A pretended DNS over HTTPS resolver (RFC 8484, POST in wire form) for TXT records, inside the process: give `fetch` where a resolver's
 * fetch is expected. What it knows is `zone`: a name in lower case to its TXT records, each a text or, as strings of at most 255 bytes,
 * its parts. A name that is missing is NXDOMAIN.
 */
export interface PretendedResolver {
  readonly zone: Map<string, readonly (string | readonly string[])[]>;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Every name that was asked for, in order, as it was spelled. */
  readonly asked: string[];
  /** What it does instead of answering: refuse (REFUSED), fail with 502, or reject like a dead host. Null answers. */
  fault: null | 'refused' | 'bad_gateway' | 'unreachable';
}

export function pretendResolver(zone: PretendedResolver['zone'] = new Map()): PretendedResolver {
  const resolver: PretendedResolver = {
    zone,
    asked: [],
    fault: null,
    async fetch(_url, { body }) {
      if (resolver.fault === 'unreachable') throw new TypeError('fetch failed');
      if (resolver.fault === 'bad_gateway') return new Response('', { status: 502 });
      const query = new Uint8Array(await new Response(body ?? null).arrayBuffer());
      const name = nameIn(query);
      resolver.asked.push(name);
      const records = resolver.zone.get(name.toLowerCase());
      const code = resolver.fault === 'refused' ? 5 : records === undefined ? 3 : 0;
      const isTxt = query.at(-3) === txt && code === 0;
      return new Response(dnsAnswer(query, code, isTxt ? (records ?? []) : []), { headers: { 'content-type': 'application/dns-message' } });
    },
  };
  return resolver;
}

/** Several resolvers behind one fetch, by URL; any other URL does not answer. */
export function pretendResolvers(byUrl: Readonly<Record<string, PretendedResolver>>): PretendedResolver['fetch'] {
  return async (url, init) => {
    const resolver = byUrl[url];
    if (resolver === undefined) throw new TypeError('fetch failed');
    return resolver.fetch(url, init);
  };
}

const txt = 16;

function dnsAnswer(query: Uint8Array, code: number, records: readonly (string | readonly string[])[]): Uint8Array<ArrayBuffer> {
  const written = records.flatMap((record) => {
    const data = partsOf(record).flatMap((part) => [part.length, ...part]);
    return [0xc0, 12, 0, txt, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 0xff, ...data];
  });
  return Uint8Array.of(0, 0, 0x81, 0x80 | code, 0, 1, 0, records.length, 0, 0, 0, 0, ...query.slice(12), ...written);
}

/** A long text is cut into strings of 255 bytes, as a zone file's writer has to (RFC 1035 §3.3.14). */
function partsOf(record: string | readonly string[]): readonly Uint8Array[] {
  const encode = (text: string) => new TextEncoder().encode(text);
  if (typeof record !== 'string') return record.map(encode);
  const whole = encode(record);
  const count = Math.max(1, Math.ceil(whole.length / 255));
  return Array.from({ length: count }, (_, at) => whole.subarray(at * 255, at * 255 + 255));
}

function nameIn(query: Uint8Array): string {
  const labels: string[] = [];
  for (let at = 12; query[at]; at += 1 + (query[at] ?? 0)) {
    labels.push(new TextDecoder().decode(query.subarray(at + 1, at + 1 + (query[at] ?? 0))));
  }
  return labels.join('.');
}
