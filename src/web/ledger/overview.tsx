import { getSession } from '../../operations/sessions/get.ts';
import { shellWords } from '../words/shell.ts';
import { definePage, type LedgerAction, type LedgerPage } from './definition.ts';

const overview = definePage({
  path: '/ledger',
  nav: 'overview',
  title: (_, { locale }) => shellWords[locale].nav_overview,
  asks: { session: getSession },
  input: () => ({ session: {} }),
  render: (_, { locale }) => <h1>{shellWords[locale].nav_overview}</h1>,
});

/** The overview. */
export const overviewPages: readonly LedgerPage[] = [overview];
export const overviewActions: readonly LedgerAction[] = [];
