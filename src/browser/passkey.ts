/**
 * Passkeys cannot be used without a script: it asks the browser with the options of the form (WebAuthn Level 3 §5.1), puts what the browser
 * answers into the form, and sends it.
 */

const form = document.querySelector<HTMLFormElement>('form[data-passkey]');
const said = document.getElementById('passkey-status');

const bytes = (text: string) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');

interface Named {
  readonly id: string;
}
const named = (list: readonly Named[] = []) => list.map((one) => ({ ...one, id: bytes(one.id), type: 'public-key' as const }));

async function answerOf(given: Record<string, never>, isNew: boolean): Promise<object> {
  const options = given as unknown as { challenge: string; user: { id: string }; excludeCredentials?: Named[]; allowCredentials?: Named[] };
  const challenge = bytes(options.challenge);
  if (isNew) {
    const publicKey = {
      ...given,
      challenge,
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials),
    };
    const made = (await navigator.credentials.create({ publicKey: publicKey as never })) as PublicKeyCredential;
    const response = made.response as AuthenticatorAttestationResponse;
    const transports = response.getTransports?.().slice(0, 8) ?? [];
    return { id: made.id, clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject), transports };
  }
  const publicKey = { ...given, challenge, allowCredentials: named(options.allowCredentials) };
  const used = (await navigator.credentials.get({ publicKey: publicKey as never })) as PublicKeyCredential;
  const { clientDataJSON, authenticatorData, signature } = used.response as AuthenticatorAssertionResponse;
  return { id: used.id, clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature) };
}

function begin(asking: HTMLFormElement, status: HTMLElement): void {
  const words = JSON.parse(asking.dataset.words ?? '{}') as Record<'unable' | 'follow' | 'already' | 'failed', string>;
  status.textContent = 'PublicKeyCredential' in window ? '' : words.unable;
  if (!('PublicKeyCredential' in window)) return;
  asking.hidden = false;
  asking.addEventListener('submit', async (event) => {
    event.preventDefault();
    status.textContent = words.follow;
    try {
      const answer = await answerOf(JSON.parse(asking.dataset.options ?? '{}'), asking.dataset.passkey === 'create');
      (asking.elements.namedItem('answer') as HTMLInputElement).value = JSON.stringify(answer);
      asking.submit();
    } catch (error) {
      status.textContent = error instanceof DOMException && error.name === 'InvalidStateError' ? words.already : words.failed;
    }
  });
}

if (form && said) begin(form, said);
