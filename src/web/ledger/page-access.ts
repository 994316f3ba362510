import { ledgerPages } from './pages.ts';

/**
 * Where each page stands in the navigation and what must be allowed for it to be open, as JSON (`PageAccess[]`). An edge bundle holds this
 * text and not the pages of another function (scripts/bundle-edge.ts).
 */
export const pageAccessText = (_version: string): string =>
  JSON.stringify(
    ledgerPages.map(({ nav, asks }) => ({
      nav,
      asks: Object.values(asks).map(({ kind, access }) => ({ kind, scope: access === 'public' ? null : access.scope })),
    })),
  );
