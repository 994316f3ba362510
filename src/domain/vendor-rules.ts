import { settlementProblem } from './currency.ts';
import type { Issue } from './result.ts';
import { jsonPointer } from './schema-issues.ts';
import type { VendorConfig } from './vendor.ts';

/** What no single field can show: unique ids, references that lead somewhere, figures that agree with one another. */
export function crossFieldIssues(config: VendorConfig): Issue[] {
  return [
    ...uniqueIds(config),
    ...tierReferences(config),
    ...complianceIssues(config),
    ...tierIssues(config),
    ...performanceIssues(config),
    ...provisioningIssues(config),
    ...rewardIssues(config),
    ...conditionIssues(config),
  ];
}

type Path = readonly (string | number)[];

function issue(path: Path, code: string, message: string): Issue {
  return { pointer: jsonPointer(path), code, message };
}

function uniqueIds(config: VendorConfig): Issue[] {
  const { program } = config;
  const ids = (rows: readonly { readonly id: string }[]) => rows.map((row) => row.id);
  return [
    ...duplicates(['hosts'], config.hosts),
    ...duplicates(['features'], ids(config.features), 'id'),
    ...duplicates(['integration_points'], ids(config.integration_points), 'id'),
    ...duplicates(['compliance'], ids(config.compliance), 'id'),
    ...duplicates(['pricing', 'tiers'], ids(config.pricing.tiers), 'id'),
    ...duplicates(
      ['data_residency'],
      config.data_residency.map((row) => row.region),
      'region',
    ),
    ...duplicates(['program', 'reward', 'rules'], ids(program.reward.rules), 'id'),
    ...duplicates(['program', 'qualification'], ids(program.qualification), 'id'),
    ...duplicates(['program', 'exclusions'], ids(program.exclusions), 'id'),
  ];
}

function duplicates(path: Path, values: readonly string[], field?: string): Issue[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    if (!seen.has(value)) {
      seen.add(value);
      return [];
    }
    return [
      issue(field === undefined ? [...path, index] : [...path, index, field], 'duplicate', 'This value is already used in the same list.'),
    ];
  });
}

function tierReferences(config: VendorConfig): Issue[] {
  const known = new Set(config.pricing.tiers.map((tier) => tier.id));
  const unknown = (path: Path, tiers: readonly string[]) =>
    tiers.flatMap((tier, index) =>
      known.has(tier) ? [] : [issue([...path, index], 'reference', 'There is no pricing tier with this id.')],
    );
  return [
    ...config.features.flatMap((feature, index) => unknown(['features', index, 'tiers'], feature.tiers)),
    ...unknown(['sla', 'tiers'], config.sla?.tiers ?? []),
  ];
}

function complianceIssues(config: VendorConfig): Issue[] {
  return config.compliance.flatMap((statement, index) => {
    const { status, evidence, issued_on: issued, expires_on: expires } = statement;
    const found: Issue[] = [];
    if (status !== 'in_progress' && evidence === null) {
      found.push(issue(['compliance', index, 'evidence'], 'evidence_missing', 'A statement that is certified or attested needs evidence.'));
    }
    if (status === 'certified' && statement.auditor === null) {
      found.push(issue(['compliance', index, 'auditor'], 'auditor_missing', 'A certified statement names its auditor.'));
    }
    if (issued !== null && expires !== null && expires <= issued) {
      found.push(issue(['compliance', index, 'expires_on'], 'order', 'This must be later than issued_on.'));
    }
    return found;
  });
}

function tierIssues(config: VendorConfig): Issue[] {
  return config.pricing.tiers.flatMap((tier, index) => {
    const path = ['pricing', 'tiers', index];
    const found = duplicates(
      [...path, 'currency_options'],
      tier.currency_options.map((option) => option.currency),
      'currency',
    );
    const recurring = tier.model === 'flat' || tier.model === 'per_seat';
    if (tier.model !== 'custom' && tier.amount_minor === null) {
      found.push(issue([...path, 'amount_minor'], 'required', 'Only a custom tier goes without a price.'));
    }
    if (tier.model === 'custom' && tier.amount_minor !== null) {
      found.push(issue([...path, 'amount_minor'], 'contradiction', 'A custom tier has no fixed price.'));
    }
    if (tier.model === 'free' && (tier.amount_minor ?? 0) > 0) {
      found.push(issue([...path, 'amount_minor'], 'contradiction', 'A free tier costs nothing.'));
    }
    if (recurring && tier.interval === null)
      found.push(issue([...path, 'interval'], 'required', 'A flat or per-seat price needs an interval.'));
    if (tier.model === 'usage' && tier.unit === null) found.push(issue([...path, 'unit'], 'required', 'A usage price needs a unit.'));
    for (const [at, option] of tier.currency_options.entries()) {
      if (option.currency === config.pricing.currency) {
        found.push(issue([...path, 'currency_options', at, 'currency'], 'duplicate', 'This is the pricing currency already.'));
      }
      const free = tier.model === 'custom' || tier.model === 'free';
      if (free && option.amount_minor > 0) {
        found.push(
          issue([...path, 'currency_options', at, 'amount_minor'], 'contradiction', 'The tier has no price in the pricing currency.'),
        );
      }
    }
    return found;
  });
}

function performanceIssues(config: VendorConfig): Issue[] {
  return config.performance.flatMap((figure, index) => {
    const path = ['performance', index];
    const found: Issue[] = [];
    if (figure.measured_by !== config.vendor.id) {
      found.push(issue([...path, 'measured_by'], 'reference', "Figures in this file are the vendor's own and name the vendor's id."));
    }
    if (figure.p50 > figure.p95) found.push(issue([...path, 'p95'], 'order', 'This must not be below p50.'));
    if (figure.p95 > figure.p99) found.push(issue([...path, 'p99'], 'order', 'This must not be below p95.'));
    if (figure.window.from >= figure.window.to)
      found.push(issue([...path, 'window', 'to'], 'order', 'The window must end after it starts.'));
    if (figure.window.to > figure.measured_at)
      found.push(issue([...path, 'measured_at'], 'order', 'This must not be before the end of the window.'));
    return found;
  });
}

function provisioningIssues({ provisioning }: VendorConfig): Issue[] {
  const { anonymous, strangers, key_bound, api_key, default_ttl_hours, max_ttl_hours } = provisioning;
  const found: Issue[] = [];
  if (default_ttl_hours > max_ttl_hours)
    found.push(issue(['provisioning', 'default_ttl_hours'], 'order', 'This must not be above max_ttl_hours.'));
  const windows = {
    anonymous: (anonymous.burst * 3600) / anonymous.per_hour,
    strangers: (strangers.burst * 3600) / strangers.per_hour,
    key_bound: key_bound.burst / key_bound.per_second,
    api_key: api_key.burst / api_key.per_second,
  };
  for (const [name, seconds] of Object.entries(windows)) {
    if (losesRate(seconds)) found.push(issue(['provisioning', name, 'burst'], 'window', WINDOW));
  }
  return found;
}

const WINDOW = 'Burst divided by rate must come to whole seconds, give or take one percent; a multiple of the rate does.';

/** A window is published in whole seconds; rounding it up must not take away more than one percent of the rate. */
function losesRate(windowSeconds: number): boolean {
  return Math.ceil(windowSeconds) > windowSeconds * 1.01;
}

function rewardIssues(config: VendorConfig): Issue[] {
  const { rules, caps } = config.program.reward;
  const path = ['program', 'reward'];
  const features = new Set(config.features.map((feature) => feature.id));
  const found: Issue[] = [];
  for (const [index, rule] of rules.entries()) {
    const at = [...path, 'rules', index];
    if (rule.model === 'unlock' && !features.has(rule.feature_id)) {
      found.push(issue([...at, 'feature_id'], 'reference', 'There is no feature with this id.'));
    }
    if (rule.model === 'flat' || rule.model === 'unit_credits') found.push(...amountIssues(at, rule.amount_minor, rule.currency));
    if (rule.model === 'percent' || rule.model === 'recurring_percent') found.push(...percentIssues(at, rule.cap_minor, rule.currency));
    if (rule.model === 'tiered') {
      found.push(...stepIssues(at, rule.steps, rule.currency));
      if (rule.side === 'referee') {
        found.push(issue([...at, 'side'], 'contradiction', 'Only a referrer has referrals that are counted.'));
      }
    }
  }
  const earned = rules.map((rule) => ('currency' in rule ? rule.currency : undefined));
  for (const [index, cap] of caps.entries()) {
    if (!earned.includes(cap.currency) && !earned.includes(null)) {
      found.push(issue([...path, 'caps', index, 'currency'], 'reference', 'No rule earns in this currency.'));
    }
  }
  return [
    ...found,
    ...duplicates(
      [...path, 'caps'],
      caps.map((cap) => `${cap.per} ${cap.period} ${cap.currency}`),
    ),
  ];
}

function percentIssues(at: Path, capMinor: number | null, currency: string | null): Issue[] {
  if (capMinor === null) return [];
  if (currency === null) return [issue([...at, 'cap_minor'], 'contradiction', 'A cap needs a currency.')];
  return amountIssues(at, capMinor, currency, 'cap_minor');
}

function stepIssues(
  at: Path,
  steps: readonly { readonly from_referrals: number; readonly amount_minor: number }[],
  currency: string,
): Issue[] {
  return steps.flatMap((step, index) => {
    const before = steps[index - 1];
    const inOrder = before === undefined ? step.from_referrals === 1 : step.from_referrals > before.from_referrals;
    const order = inOrder ? [] : [issue([...at, 'steps', index, 'from_referrals'], 'order', 'Steps start at 1 and ascend.')];
    return [...order, ...amountIssues([...at, 'steps', index], step.amount_minor, currency)];
  });
}

function amountIssues(at: Path, amountMinor: number, currency: string, field = 'amount_minor'): Issue[] {
  switch (settlementProblem(amountMinor, currency)) {
    case 'unit_differs':
      return [
        issue([...at, 'currency'], 'currency_unit', 'Payments count this currency in another unit; rewards cannot be promised in it.'),
      ];
    case 'last_digit':
      return [issue([...at, field], 'currency_unit', 'Amounts of this currency must be a multiple of 10 of its smallest unit.')];
    case null:
      return [];
  }
}

function conditionIssues(config: VendorConfig): Issue[] {
  return config.program.qualification.flatMap((condition, index) => {
    if (condition.kind !== 'invoice_paid' || (condition.min_amount_minor === null) === (condition.currency === null)) return [];
    return [issue(['program', 'qualification', index, 'currency'], 'contradiction', 'A least amount and its currency come together.')];
  });
}
