/**
 * `npm run simulate:program -- [vendor file] [--months 24] [--referrals 10] [--organizations 5] [--invoice 9900] [--currency usd]
 * [--churn 3] [--refunds 2] [--seed 1]`. What the program of a vendor file would cost, month by month; percents are per month and payment.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { minorUnitDigits } from '../src/domain/currency.ts';
import { programTerms } from '../src/domain/program.ts';
import { type Scenario, type SimulatedMonth, simulateProgram } from '../src/domain/simulate-program.ts';
import { parseVendorConfig } from '../src/domain/vendor.ts';

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    options: {
      ...{ months: text, referrals: text, organizations: text, invoice: text, currency: text },
      churn: text,
      refunds: text,
      seed: text,
    },
    allowPositionals: true,
  });
  const file = positionals[0] ?? 'vendor/ledgerbridge.json';
  const parsed = parseVendorConfig(JSON.parse(await readFile(file, 'utf8')));
  if (!parsed.ok) {
    const issues = (parsed.issues ?? []).map(({ pointer, message }) => `${pointer}: ${message}`);
    throw new Error([`${file} is no vendor file.`, ...issues].join('\n'));
  }
  const scenario: Scenario = {
    ...{ months: whole(values.months ?? '24', 1, 120), referralsPerMonth: whole(values.referrals ?? '10', 0, 1_000) },
    ...{ organizations: whole(values.organizations ?? '5', 1, 1_000), invoiceMinor: whole(values.invoice ?? '9900', 1, 1_000_000_000) },
    ...{ currency: values.currency ?? parsed.value.pricing.currency, seed: whole(values.seed ?? '1', 0, 4_294_967_295) },
    ...{ churn: percent(values.churn ?? '3'), refunds: percent(values.refunds ?? '2') },
  };
  const terms = programTerms(parsed.value, { programId: 'prg_00000000000000000000000000', version: 1 });
  print(simulateProgram(terms, scenario, new Date('2026-01-01T00:00:00.000Z')), scenario);
}

function print(months: readonly SimulatedMonth[], { currency, invoiceMinor }: Scenario): void {
  const money = (minor: bigint) => inUnits(minor, minorUnitDigits(currency) ?? 0);
  const columns = ['month', 'paying', 'qualified', 'accrued', 'promises', 'released', 'reversed', 'cut by caps'];
  const rows = months.map((each) => [
    ...[each.month, each.paying, each.qualified, money(each.accruedMinor), each.promises, money(each.releasedMinor)].map(String),
    ...[money(each.reversedMinor), money(each.cutMinor)],
  ]);
  const sum = (of: (month: SimulatedMonth) => bigint) => money(months.reduce((total, each) => total + of(each), 0n));
  const count = (of: (month: SimulatedMonth) => number) => String(months.reduce((total, each) => total + of(each), 0));
  rows.push([
    ...['all', count(({ paying }) => paying), count(({ qualified }) => qualified), sum(({ accruedMinor }) => accruedMinor)],
    ...[count(({ promises }) => promises), sum(({ releasedMinor }) => releasedMinor), sum(({ reversedMinor }) => reversedMinor)],
    sum(({ cutMinor }) => cutMinor),
  ]);
  console.log(
    `Invoices of ${money(BigInt(invoiceMinor))} ${currency.toUpperCase()} a month; amounts in ${currency.toUpperCase()}. A supposition, not a forecast.\n`,
  );
  for (const row of [columns, ...rows]) console.log(row.map((cell) => cell.padStart(12)).join(''));
}

function inUnits(minor: bigint, digits: number): string {
  const all = String(minor < 0n ? -minor : minor).padStart(digits + 1, '0');
  const cut = all.length - digits;
  return `${minor < 0n ? '-' : ''}${all.slice(0, cut)}${digits > 0 ? `.${all.slice(cut)}` : ''}`;
}

function whole(said: string, least: number, most: number): number {
  const number = Number(said);
  if (!Number.isInteger(number) || number < least || number > most)
    throw new Error(`A whole number from ${least} to ${most} is needed, not ${said}.`);
  return number;
}

function percent(said: string): number {
  const number = Number(said);
  if (!(number >= 0 && number <= 100)) throw new Error(`A percentage from 0 to 100 is needed, not ${said}.`);
  return number / 100;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
