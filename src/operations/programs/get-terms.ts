import * as z from 'zod';
import { ProgramTerms } from '../../domain/program.ts';
import { ok, refuse } from '../../domain/result.ts';
import { defineDocument } from '../operation.ts';
import { id } from '../vocabulary.ts';

export const getProgramTerms = defineDocument({
  name: 'get_program_terms',
  title: 'Get program terms',
  summary: 'The referral terms of one program version',
  description:
    'The exact terms a referral is bound to, with a disclosure sentence to show your principal. The bytes never change; capabilities, ' +
    'referrals and receipts quote their SHA-256. Read them before you refer. For the current version follow referral.terms_url of ' +
    'get_capabilities.',
  rest: { method: 'get', path: '/v1/programs/{program_id}/versions/{version}', status: 200 },
  mcp: true,
  access: 'public',
  input: z.strictObject({
    program_id: id('prg', 'the program, as in capabilities'),
    version: z.union([z.int().min(1).max(1_000_000), z.string().regex(/^[1-9][0-9]{0,5}$/)]).describe('The version number.'),
  }),
  output: ProgramTerms,
  failures: ['resource.not_found'],
  sideEffect: 'none',
  load: (queries, { input }) => ({ version: queries.programVersion(input.program_id, Number(input.version)) }),
  publish: ({ version }) =>
    version
      ? ok({
          value: JSON.parse(version.terms),
          body: version.terms,
          etag: `"${version.sha256}"`,
          contentType: 'application/json',
          immutable: true,
        })
      : refuse('resource.not_found'),
});
