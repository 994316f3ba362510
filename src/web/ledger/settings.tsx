import { getSession } from '../../operations/sessions/get.ts';
import { shellWords } from '../words/shell.ts';
import { definePage, type LedgerAction, type LedgerPage } from './definition.ts';

const settings = definePage({
  path: '/ledger/settings',
  nav: 'settings',
  title: (_, { locale }) => shellWords[locale].nav_settings,
  asks: { session: getSession },
  input: () => ({ session: {} }),
  render: ({ session }, { locale }) => (
    <>
      <div class="head">
        <h1>{shellWords[locale].nav_settings}</h1>
      </div>
      <section class="panel">
        <dl>
          <dt>{shellWords[locale].account}</dt>
          <dd>{session.role}</dd>
        </dl>
      </section>
    </>
  ),
});

export const settingsPages: readonly LedgerPage[] = [settings];
export const settingsActions: readonly LedgerAction[] = [];
