import { createRemoteJWKSet, jwtVerify } from 'jose';

// npx tsx examples/verify-receipt.ts https://desk.example.com "$receipt"
const [url = '', receipt = ''] = process.argv.slice(2);
const { origin } = new URL(url);
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', origin));
const { payload, protectedHeader } = await jwtVerify(receipt, keys, {
  typ: 'receipt+jwt', // a signature made for anything else is refused
  algorithms: ['EdDSA', 'Ed25519'], // named here, never taken from the token
  issuer: origin,
  requiredClaims: ['sub', 'jti', 'iat', 'tenant', 'organization', 'leaf', 'terms'],
});
console.log(JSON.stringify({ signed_by: protectedHeader.kid, ...payload }, null, 2));
