/** Made by `npm run emit` from `src/browser/` and htmx: the names under which browsers get them. */
export const assetNames = {
  'frontdesk.css': 'frontdesk-e944e9c13498.css',
  'frontdesk.js': 'frontdesk-716118a78eff.js',
  'passkey.js': 'passkey-304bef0c581b.js',
  'verify.js': 'verify-da7b2b9d2325.js',
  'verifier.js': 'verifier-adfd475c5d8f.js',
  'htmx.js': 'htmx-7f21d96de7f7.js',
} as const;
