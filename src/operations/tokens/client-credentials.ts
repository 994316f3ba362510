import { ok, refuse } from '../../domain/result.ts';
import type { AssertedClient } from './asserted-client.ts';
import { admitAsserted, assertedClient, proveAsserted } from './asserted-client.ts';
import { shownBy } from './form.ts';
import { admitKey, askedByKey } from './known-client.ts';
import { type Grant, type Presented, presented, type Where } from './presented.ts';

/** RFC 6749 §4.4: a client asks for itself, by a JWT that it signed (RFC 7523 §2.2) or with its API key as client secret. */
export const clientCredentials: Grant = (form, at) => {
  const shown = shownBy(form);
  if (!shown.ok) return shown;
  if (form.assertion !== null || form.claim_token !== null) return refuse('invalid_request');
  if (shown.value === null) return refuse('invalid_client');
  if (shown.value.by === 'assertion') {
    const client = assertedClient(shown.value.asserted, form.client_id);
    return client.ok ? ok(byAssertion(client.value, at)) : client;
  }
  const clientId = form.client_id;
  const asked = askedByKey(clientId, shown.value.secret);
  if (!asked.ok || clientId === null) return refuse('invalid_client');
  return ok(
    presented({
      load: (queries) => ({ facts: queries.clientFacts(asked.value, at.now) }),
      prove: async () => ok(null),
      admit: ({ facts }, _proven, given) => {
        const admitted = admitKey(facts, clientId, given);
        return admitted.ok ? ok({ admitted: true, ...admitted.value }) : admitted;
      },
    }),
  );
};

/** What is presented by a JWT of the client's own, be it as authentication or, as some clients send it, as the grant itself. */
export function byAssertion(client: AssertedClient, at: Where): Presented {
  return presented({
    load: (queries) => ({ facts: queries.clientFacts(client.asked, at.now) }),
    prove: ({ facts }, outside) => proveAsserted(client, facts, outside, at),
    admit: ({ facts }, proven, given) => {
      const admitted = admitAsserted(client, facts, proven, given);
      return admitted.ok ? ok({ admitted: true, keyId: null, ...admitted.value }) : admitted;
    },
  });
}
