import type { DataModel } from './model.ts';

/** The sandbox of a caller that sends no schema: a small customer-relations model. */
export function defaultModel(): DataModel {
  return {
    entities: [
      {
        name: 'account',
        fields: [
          { name: 'id', type: 'string', format: 'uuid', required: true, nullable: false },
          { name: 'name', type: 'string', minLength: 1, maxLength: 120, required: true, nullable: false },
          { name: 'domain', type: 'string', format: 'hostname', required: false, nullable: true },
          { name: 'industry', type: 'string', maxLength: 80, required: false, nullable: true },
          { name: 'country_code', type: 'string', pattern: '^[A-Z]{2}$', required: false, nullable: true },
          { name: 'employees', type: 'integer', minimum: 0, required: false, nullable: true },
          { name: 'created_at', type: 'string', format: 'date-time', required: true, nullable: false },
        ],
      },
      {
        name: 'contact',
        fields: [
          { name: 'id', type: 'string', format: 'uuid', required: true, nullable: false },
          { name: 'account_id', type: 'string', format: 'uuid', required: true, nullable: false },
          { name: 'full_name', type: 'string', minLength: 1, maxLength: 120, required: true, nullable: false },
          { name: 'email', type: 'string', format: 'email', required: true, nullable: false },
          { name: 'job_title', type: 'string', maxLength: 80, required: false, nullable: true },
          { name: 'subscribed', type: 'boolean', required: false, nullable: false, default: false },
        ],
      },
      {
        name: 'deal',
        fields: [
          { name: 'id', type: 'string', format: 'uuid', required: true, nullable: false },
          { name: 'account_id', type: 'string', format: 'uuid', required: true, nullable: false },
          { name: 'name', type: 'string', minLength: 1, maxLength: 120, required: true, nullable: false },
          {
            name: 'stage',
            type: 'string',
            enum: ['lead', 'qualified', 'proposal', 'won', 'lost'],
            required: true,
            nullable: false,
            default: 'lead',
          },
          { name: 'amount_minor', type: 'integer', minimum: 0, required: true, nullable: false },
          { name: 'currency', type: 'string', enum: ['eur', 'gbp', 'usd'], required: true, nullable: false },
          { name: 'closes_on', type: 'string', format: 'date', required: false, nullable: true },
        ],
      },
    ],
  };
}
