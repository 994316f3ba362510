/** Made by `npm run emit` from `src/browser/` and htmx: the names under which browsers get them. */
export const assetNames = {
  'frontdesk.css': 'frontdesk-98db62a18213.css',
  'frontdesk.js': 'frontdesk-f143b9288710.js',
  'verify.js': 'verify-8203cb6e51f9.js',
  'htmx.js': 'htmx-7f21d96de7f7.js',
} as const;
