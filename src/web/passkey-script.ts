import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { raw } from 'hono/html';
import { pagePolicy } from './page.ts';

/**
 * The one script of our pages: passkeys cannot be used without. It asks the browser with the options of the form (WebAuthn Level 3 §5.1),
 * puts what the browser answers into the form, and sends it. It is always the same text.
 */
const script = `(() => {
  const form = document.querySelector('form[data-passkey]');
  const status = document.getElementById('passkey-status');
  const say = (text) => { status.textContent = text; };
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  if (!window.PublicKeyCredential) return say('This browser cannot use passkeys.');
  form.hidden = false;
  say('');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    say('Follow what your browser asks.');
    const given = JSON.parse(form.dataset.options);
    const isNew = form.dataset.passkey === 'create';
    try {
      const publicKey = isNew
        ? { ...given, challenge: bytes(given.challenge), user: { ...given.user, id: bytes(given.user.id) }, excludeCredentials: named(given.excludeCredentials) }
        : { ...given, challenge: bytes(given.challenge), allowCredentials: named(given.allowCredentials) };
      const { id, response } = await navigator.credentials[isNew ? 'create' : 'get']({ publicKey });
      const clientDataJSON = text(response.clientDataJSON);
      form.elements.answer.value = JSON.stringify(isNew
        ? { id, clientDataJSON, attestationObject: text(response.attestationObject), transports: response.getTransports ? response.getTransports().slice(0, 8) : [] }
        : { id, clientDataJSON, authenticatorData: text(response.authenticatorData), signature: text(response.signature) });
      form.submit();
    } catch (error) {
      say(error && error.name === 'InvalidStateError' ? 'This device has a passkey here already.' : 'That did not work. Nothing has changed; you can try again.');
    }
  });
})();`;

/** At the end of a page, behind what it works on. */
export const passkeyScript = raw(`<script>${script}</script>`);

/** The policy of pages with the script: it by its hash, and none beside it. */
export const passkeyPolicy = `${pagePolicy}; script-src 'sha256-${btoa(String.fromCharCode(...sha256(utf8ToBytes(script))))}'`;
