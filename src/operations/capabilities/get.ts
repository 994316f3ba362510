import * as z from 'zod';
import { CapabilitiesDocument } from '../../domain/capabilities.ts';
import { ok } from '../../domain/result.ts';
import { defineDocument } from '../operation.ts';

export const getCapabilities = defineDocument({
  name: 'get_capabilities',
  title: 'Get capabilities',
  summary: 'What this vendor offers, signed',
  description:
    'The vendor’s product in one signed document: features, integration points, compliance with evidence, pricing tiers, data residency, ' +
    'performance with who measured it, limits, how to get a sandbox, and the terms under which a referral is credited. Read it first. ' +
    'Verify it: signatures are JWS over the RFC 8785 form of the document without signatures, keys at /.well-known/jwks.json. Send ' +
    'If-None-Match to re-read it cheaply.',
  rest: { method: 'get', path: '/v1/capabilities', status: 200 },
  mcp: true,
  access: 'public',
  input: z.strictObject({}),
  output: CapabilitiesDocument,
  failures: [],
  sideEffect: 'none',
  publish: (_facts, { desk }) => ok(desk.capabilities),
});
