import type { Operation } from '../../src/operations/operation.ts';
import type { LedgerPage } from '../../src/web/ledger/definition.ts';
import { navPath } from '../../src/web/ledger/navigation.ts';
import { exampleOf, isForStaff, type Stage, staffStage } from './examples.ts';
import { roleBrowser } from './role-browser.ts';

/** An address of a page that shows something of the stage: what the examples of its operations are about, else what its list leads to. */
export async function pageAddress(page: LedgerPage, stage: Stage): Promise<string> {
  if (!page.path.includes('{')) return page.path;
  const asked = Object.values(page.asks).filter(({ rest }) => rest !== null);
  const inputs = await Promise.all(asked.map((operation) => inputOf(operation, stage)));
  const about: Readonly<Record<string, unknown>> = Object.assign({}, ...inputs);
  const names = [...page.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  if (names.every((name) => typeof about[name] === 'string')) return page.path.replace(/\{(\w+)\}/g, (_, name) => String(about[name]));
  const { text } = await (await roleBrowser(stage.t, 'operator')).get(navPath(page.nav));
  const address = new RegExp(`href="(${page.path.replace(/\{\w+\}/g, '[a-z]+_[0-9a-z]{26}')})[?"]`).exec(text)?.[1];
  if (address === undefined) throw new Error(`no operation of ${page.path} has an example with ${names}, and no link leads there`);
  return address;
}

async function inputOf(operation: Operation, stage: Stage) {
  return exampleOf(operation).input(isForStaff(operation) ? await staffStage(stage.t) : stage);
}
