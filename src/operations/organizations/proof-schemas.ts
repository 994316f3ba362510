import * as z from 'zod';
import { challengeFile, challengeRecord, type DomainProof } from '../../domain/domain-proof.ts';
import { id, instant, organizationId } from '../vocabulary.ts';

export const proofView = z
  .strictObject({
    id: id('dpf', 'a proof of a domain, as given by verify_organization'),
    organization_id: organizationId,
    domain: z.string().describe('The registrable domain that is proven.'),
    method: z.enum(['dns_txt', 'well_known', 'metadata_document', 'signature_directory']),
    state: z
      .enum(['pending', 'verified', 'disputed', 'lapsed', 'expired'])
      .describe('disputed: another organization has the domain, and the vendor decides. lapsed: it was verified, and is gone.'),
    txt: z
      .strictObject({ name: z.string(), value: z.string() })
      .nullable()
      .describe('The TXT record to publish, for dns_txt. Leave it there: it is looked at every week.'),
    well_known: z
      .strictObject({ url: z.string(), content: z.string() })
      .nullable()
      .describe('The JSON file to publish, for well_known. Leave it there: it is looked at every week.'),
    created_at: instant,
    expires_at: instant.nullable().describe('A pending proof that is not found until then is over.'),
    checked_at: instant.nullable(),
    verified_at: instant.nullable(),
  })
  .meta({ id: 'DomainProof' });

/** A proof in its wire form. Its token is no secret: everybody can read it where it is published. */
export function showProof(proof: DomainProof): z.input<typeof proofView> {
  const { proof_id, organization_id, domain, method, state, token, created_at, checked_at, verified_at } = proof;
  return {
    ...{ id: proof_id, organization_id, domain, method, state },
    txt: method === 'dns_txt' ? challengeRecord(domain, token) : null,
    well_known: method === 'well_known' ? challengeFile(domain, token) : null,
    ...{ created_at, expires_at: state === 'pending' ? proof.expires_at : null, checked_at, verified_at },
  };
}
