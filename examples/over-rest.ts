import type { Answer, Answers, Arguments, Desk, OperationName } from './desk.ts';

/** Where each operation is over HTTP; /openapi.json says the same, by operationId. */
const routes: Readonly<Record<OperationName, readonly ['GET' | 'POST', string]>> = {
  get_capabilities: ['GET', '/v1/capabilities'],
  get_program_terms: ['GET', '/v1/programs/{program_id}/versions/{version}'],
  provision_workspace: ['POST', '/v1/workspaces/provision'],
  get_workspace: ['GET', '/v1/workspaces/{workspace_id}'],
  list_workspace_rows: ['GET', '/v1/workspaces/{workspace_id}/data/{entity}'],
  write_workspace_rows: ['POST', '/v1/workspaces/{workspace_id}/data/{entity}'],
  create_referral_token: ['POST', '/v1/referral-tokens'],
  record_referral: ['POST', '/v1/referrals'],
  get_referral: ['GET', '/v1/referrals/{referral_id}'],
  list_referrals: ['GET', '/v1/referrals'],
  get_receipt: ['GET', '/v1/referrals/{referral_id}/receipt'],
};

/** The desk over HTTP. `origin`: scheme, host and port, without a trailing slash. */
export function overRest(origin: string): Desk {
  return {
    door: 'REST',
    async call(name, args = {}, { key } = {}) {
      const { method, url, headers, body } = requestOf(origin, name, args, key);
      return read(await fetch(url, { method, headers, ...(body === undefined ? {} : { body }), signal: AbortSignal.timeout(timeoutMs) }));
    },
    async revalidate(etag) {
      const response = await fetch(`${origin}/v1/capabilities`, {
        headers: { 'If-None-Match': etag },
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, bytes: (await response.arrayBuffer()).byteLength };
    },
    close: async () => {},
  };
}

const timeoutMs = 20_000;

/** Puts each argument where HTTP has its place: path, query or body, and two of them into headers. */
function requestOf(origin: string, name: OperationName, args: Arguments, key: string | undefined) {
  const { idempotency_key, workspace_key, ...rest } = args;
  const input: Record<string, unknown> = rest;
  const [method, template] = routes[name];
  const headers: Record<string, string> = {};
  const bearer = workspace_key ?? key;
  if (bearer !== undefined) headers.Authorization = `Bearer ${bearer}`;
  if (idempotency_key !== undefined) headers['Idempotency-Key'] = `"${idempotency_key}"`;
  const path = template.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = input[field];
    delete input[field];
    return encodeURIComponent(String(value));
  });
  const url = new URL(path, origin);
  if (method === 'GET') {
    for (const [field, value] of Object.entries(input)) {
      if (typeof value !== 'object' || value === null) url.searchParams.set(field, String(value));
      else for (const [inner, wanted] of Object.entries(value)) url.searchParams.set(`${field}[${inner}]`, String(wanted));
    }
    return { method, url, headers, body: undefined };
  }
  headers['Content-Type'] = 'application/json';
  return { method, url, headers, body: JSON.stringify(input) };
}

async function read<T extends Answers[OperationName]>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  if (!/^application\/(?:problem\+)?json\b/.test(response.headers.get('Content-Type') ?? '')) {
    throw new Error(`${response.url} answered ${response.status} with something that is not JSON.`);
  }
  if (!response.ok) return { ok: false, problem: JSON.parse(text) };
  return {
    ok: true,
    body: JSON.parse(text),
    text,
    etag: response.headers.get('ETag'),
    replayed: response.headers.get('Idempotency-Replayed') === 'true',
  };
}
