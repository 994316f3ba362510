/** Made by `npm run emit` from `src/browser/` and htmx: the names under which browsers get them. */
export const assetNames = {
  'frontdesk.css': 'frontdesk-66271f93cf4f.css',
  'frontdesk.js': 'frontdesk-f143b9288710.js',
  'passkey.js': 'passkey-304bef0c581b.js',
  'verify.js': 'verify-da7b2b9d2325.js',
  'verifier.js': 'verifier-adfd475c5d8f.js',
  'htmx.js': 'htmx-7f21d96de7f7.js',
} as const;
