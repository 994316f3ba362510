import type { Operation } from '../../src/operations/operation.ts';
import type { LedgerPage } from '../../src/web/ledger/definition.ts';
import { exampleOf, isForStaff, type Stage, staffStage } from './examples.ts';

/** An address of a page that shows something of the stage: what the examples of its operations are about. */
export async function pageAddress(page: LedgerPage, stage: Stage): Promise<string> {
  const asked = Object.values(page.asks).filter(({ rest }) => rest !== null);
  const inputs = page.path.includes('{') ? await Promise.all(asked.map((operation) => inputOf(operation, stage))) : [];
  const about: Readonly<Record<string, unknown>> = Object.assign({}, ...inputs);
  return page.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = about[name];
    if (typeof value !== 'string') throw new Error(`no operation of ${page.path} has an example with ${name}`);
    return value;
  });
}

async function inputOf(operation: Operation, stage: Stage) {
  return exampleOf(operation).input(isForStaff(operation) ? await staffStage(stage.t) : stage);
}
