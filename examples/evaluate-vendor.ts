import { createHash } from 'node:crypto';
import type { JSONWebKeySet } from 'jose';
import type { Capabilities, Desk, Granted } from './desk.ts';
import { expect, fail, granted, rejects } from './expectations.ts';
import type { Say } from './narrator.ts';
import { verifyDocument } from './verify-signatures.ts';

/** The latency that sent the agent looking, in milliseconds. */
const measuredAtNorthwindMs = 240;

export async function discover(desk: Desk, say: Say): Promise<Granted<Capabilities>> {
  const found = granted(await desk.call('get_capabilities'), 'Reading the capabilities');
  const { vendor, product, pricing, performance, referral } = found.body;
  say('product', `${product.name} ${product.version} by ${vendor.name}`);
  say('tiers', pricing.tiers.map(({ name }) => name).join(', '));
  say('terms', `${referral.program_id} version ${referral.terms_version}, sha256 ${referral.terms_sha256}`);
  say('rewards', referral.rewards_mode);
  const latency = performance.find(({ metric }) => metric === 'sync_latency');
  expect(latency, 'The vendor states no sync latency.');
  say('p99', `${latency.p99} ${latency.unit} over ${latency.samples} samples, measured by ${latency.measured_by}`);
  expect(latency.p99 < measuredAtNorthwindMs, `The vendor is no faster than the ${measuredAtNorthwindMs} ms that Northwind has now.`);
  say('verdict', `faster than the ${measuredAtNorthwindMs} ms that Northwind has now`);
  return found;
}

export async function verify(document: Capabilities, jwksUrl: string, say: Say): Promise<JSONWebKeySet> {
  const response = await fetch(jwksUrl, { signal: AbortSignal.timeout(20_000) });
  expect(response.ok, `${jwksUrl} answered ${response.status}.`);
  const keys: JSONWebKeySet = JSON.parse(await response.text());
  const kid = await verifyDocument(document, keys).catch((error: unknown) => fail(`The capabilities do not verify: ${error}`));
  say('signed by', `${kid}, one of ${keys.keys.length} public keys`);
  const flattering = { ...document, performance: document.performance.map((figure) => ({ ...figure, p99: figure.p99 - 1 })) };
  await rejects(verifyDocument(flattering, keys), 'A copy with another latency still verifies.');
  say('tampered', 'a copy with one figure changed does not verify');
  return keys;
}

export async function askAgain(revalidate: NonNullable<Desk['revalidate']>, etag: string | null, say: Say): Promise<void> {
  expect(etag !== null && /^".+"$/.test(etag), 'The capabilities carry no strong entity tag.');
  const { status, bytes } = await revalidate(etag);
  expect(status === 304 && bytes === 0, `The same entity tag was answered with ${status} and ${bytes} bytes instead of 304.`);
  say('answer', `304, ${bytes} bytes, If-None-Match ${etag.slice(0, 13)}…"`);
}

export async function readTerms(desk: Desk, { referral }: Capabilities, say: Say): Promise<void> {
  const asked = { program_id: referral.program_id, version: referral.terms_version };
  const { body, text } = granted(await desk.call('get_program_terms', asked), 'Reading the terms');
  const digest = createHash('sha256').update(text).digest('hex');
  expect(digest === referral.terms_sha256, `The terms hash to ${digest}, but ${referral.terms_sha256} is quoted.`);
  say('sha256', `${digest}, as quoted`);
  say('hold', `${body.hold_days} days`);
  say('disclosure', body.disclosure);
}
