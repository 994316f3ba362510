import type { Hono } from 'hono';
import { isSigned } from '../access/http-signature.ts';
import { wouldProve } from '../access/signature-agent.ts';
import { readSignature } from '../access/signature-base.ts';
import { ok, refuse } from '../domain/result.ts';
import type { Operation } from '../operations/operation.ts';
import { perform } from '../operations/perform.ts';
import { spentOf } from '../operations/recognise.ts';
import { admitSigner } from '../operations/signers/admit.ts';
import { readBytes } from './read-bytes.ts';
import { maxBodyBytes, readInput } from './read-input.ts';
import { render, renderRefusal } from './respond.ts';
import { callOf, hostOf } from './rest.ts';
import type { Bindings, World } from './world.ts';

type App = Hono<{ Bindings: Bindings }>;

/**
 * Lets an operation be called by a request that the agent signed itself (RFC 9421, Web Bot Auth), without a token. Requests without a
 * signature, or with a credential of their own, go on to the routes that follow.
 */
export function mountSigned(app: App, operation: Operation, world: World): void {
  const { rest } = operation;
  if (!rest) return;
  app.on(rest.method.toUpperCase(), rest.path, async (c, next) => {
    const request = c.req.raw;
    if (!isSigned(request.headers) || request.headers.has('Authorization')) return await next();
    const call = callOf(c, world, true);
    const desk = await world.deps.desks.find(hostOf(request));
    if (!desk) return renderRefusal(request, call.requestId, refuse('tenant.unknown'));
    const body = await readBytes(request, maxBodyBytes);
    if (body == null)
      return renderRefusal(request, call.requestId, refuse(body === null ? 'body.too_large' : 'request.malformed'), desk.origin);
    const { pathname, search } = new URL(request.url);
    const signed = { method: request.method, url: `${desk.origin}${pathname}${search}`, headers: request.headers, body };

    const read = readSignature(signed);
    if (!read.ok) return renderRefusal(request, call.requestId, refuse('auth.invalid', { detail: words[read.reason] }), desk.origin);
    const { agent } = read.value;
    const asked = { request: signed, document_url: agent.documentUrl, domain: wouldProve(agent) };
    const admitted = await perform(admitSigner, world.deps, call, ok(asked));
    if (!admitted.ok) return render(request, call.requestId, admitted);
    const { agent_id, thumbprint, nonce, expires_at } = admitSigner.output.parse(admitted.output) as Admitted;

    const spend = [spentOf('signature', thumbprint, nonce, new Date(expires_at))];
    const again = new Request(request.url, { method: request.method, headers: request.headers, body });
    const input = await readInput(again, c.req.param(), rest.list);
    const outcome = await perform(operation, world.deps, { ...call, credential: { kind: 'agent', agentId: agent_id }, spend }, input);
    return render(request, call.requestId, outcome);
  });
}

interface Admitted {
  readonly agent_id: string;
  readonly thumbprint: string;
  readonly nonce: string;
  readonly expires_at: string;
}

/** What is wrong with the form of a signature may be told: it says nothing of us. */
const words = {
  signature_absent: 'Signature and Signature-Input belong together.',
  signature_malformed: 'Signature or Signature-Input cannot be read.',
  signatures_several: 'Send one signature.',
  component_missing:
    'The signature has to cover @method, @authority, @path, content-digest and signature-agent, and @query where there is one.',
  component_unsupported: 'The signature covers something that this server does not verify.',
  agent_unusable: 'Signature-Agent does not say where the keys are.',
} as const;
