import canonicalize from 'canonicalize';
import { base64url, createRemoteJWKSet, flattenedVerify } from 'jose';

// npx tsx examples/verify-capabilities.ts https://desk.example.com
const { origin } = new URL(process.argv[2] ?? '');
const { signatures, ...document } = await (await fetch(`${origin}/v1/capabilities`)).json();
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', origin));
const signed = { ...signatures[0], payload: base64url.encode(canonicalize(document) ?? '') };
const { protectedHeader } = await flattenedVerify(signed, keys, { algorithms: ['EdDSA', 'Ed25519'] });
if (protectedHeader?.typ !== 'capabilities+jws') throw new Error('The signature was made for something else.');
if (document.valid_until <= new Date().toISOString()) throw new Error('The document is out of date.');
console.log(`${document.vendor.name}, signed by ${protectedHeader.kid}, valid until ${document.valid_until}`);
