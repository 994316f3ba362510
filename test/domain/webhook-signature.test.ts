import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signWebhook, verifyWebhook, webhookSecret, webhookSecretBytes } from '../../src/domain/webhook-signature.ts';

const now = 1_764_000_000;
const [old, fresh] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const body = '{"type":"referral.qualified","note":"Grüße"}';
const message = { id: 'evt_01', timestamp: now, body };
const signed = signWebhook({ ...message, secrets: [fresh] });
const received = { headers: signed, body, secrets: [fresh], now };
const refused = (reason: string) => ({ ok: false, reason });

describe('signWebhook', () => {
  test('gives the signature of the published test vector', () => {
    const secret = webhookSecretBytes('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const vector = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' };
    expect(signWebhook({ ...vector, secrets: secret === null ? [] : [secret] })).toEqual({
      'webhook-id': vector.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('signs id, timestamp and the UTF-8 bytes of the body, as another implementation of HMAC does', () => {
    const expected = createHmac('sha256', fresh).update(`evt_01.${now}.${body}`).digest('base64');
    expect(signed['webhook-signature']).toBe(`v1,${expected}`);
  });

  test('gives one signature for each secret, in order', () => {
    const both = signWebhook({ ...message, secrets: [fresh, old] })['webhook-signature'].split(' ');
    expect(both).toEqual([signed['webhook-signature'], signWebhook({ ...message, secrets: [old] })['webhook-signature']]);
  });

  test.each([
    ['an id with a full stop', { ...message, id: 'evt.01', secrets: [fresh] }],
    ['an empty id', { ...message, id: '', secrets: [fresh] }],
    ['a time in fractions of seconds', { ...message, timestamp: now + 0.5, secrets: [fresh] }],
    ['no secret', { ...message, secrets: [] }],
    ['a short secret', { ...message, secrets: [new Uint8Array(23)] }],
  ])('%s is a bug of ours', (_, unsigned) => expect(() => signWebhook(unsigned)).toThrow('invariant'));
});

describe('verifyWebhook', () => {
  test('accepts what signWebhook signed', () => {
    expect(verifyWebhook(received)).toEqual({ ok: true, id: 'evt_01', timestamp: now });
  });

  test.each([
    ['the receiver still has the old secret', [fresh, old], [old]],
    ['the receiver has the new secret already', [fresh, old], [fresh]],
    ['the receiver has both, the sender the old one', [old], [fresh, old]],
  ])('holds while a secret is replaced: %s', (_, secrets, known) => {
    expect(verifyWebhook({ ...received, headers: signWebhook({ ...message, secrets }), secrets: known }).ok).toBe(true);
  });

  test('passes over signatures of other versions', () => {
    const list = `v1a,AAAA ${signed['webhook-signature']} v2,BBBB`;
    expect(verifyWebhook({ ...received, headers: { ...signed, 'webhook-signature': list } }).ok).toBe(true);
  });

  test.each([
    ['another body', { ...received, body: `${body} ` }],
    ['another id', { ...received, headers: { ...signed, 'webhook-id': 'evt_02' } }],
    ['another time', { ...received, headers: { ...signed, 'webhook-timestamp': String(now + 1) } }],
    ['another secret', { ...received, secrets: [old] }],
    ['no secret', { ...received, secrets: [] }],
    ['half a signature', { ...received, headers: { ...signed, 'webhook-signature': signed['webhook-signature'].slice(0, 20) } }],
    ['an empty signature', { ...received, headers: { ...signed, 'webhook-signature': 'v1,' } }],
  ])('refuses %s', (_, forged) => expect(verifyWebhook(forged)).toEqual(refused('signature_mismatch')));

  test.each([
    [-301, false],
    [-300, true],
    [300, true],
    [301, false],
  ])('at %i seconds from the timestamp: %s', (seconds, holds) => {
    const verdict = verifyWebhook({ ...received, now: now + seconds });
    expect(verdict.ok ? true : verdict.reason).toBe(holds ? true : 'timestamp_out_of_tolerance');
  });

  test.each([
    ['no headers', {}],
    ['no id', { ...signed, 'webhook-id': undefined }],
    ['an id with a space', { ...signed, 'webhook-id': 'evt 01' }],
    ['a time that is no whole number', { ...signed, 'webhook-timestamp': `${now}.0` }],
    ['a negative time', { ...signed, 'webhook-timestamp': `-${now}` }],
    ['only signatures of other versions', { ...signed, 'webhook-signature': 'v1a,AAAA' }],
    ['seventeen signatures', { ...signed, 'webhook-signature': Array(17).fill(signed['webhook-signature']).join(' ') }],
    ['a list that is too long', { ...signed, 'webhook-signature': `${signed['webhook-signature']} ${'x'.repeat(2048)}` }],
  ])('calls %s malformed', (_, headers) => {
    expect(verifyWebhook({ ...received, headers })).toEqual(refused('headers_malformed'));
  });
});

describe('a webhook secret', () => {
  test('is whsec_ and base64, and reads back', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, at) => at * 8);
    expect(webhookSecret(bytes)).toBe(`whsec_${Buffer.from(bytes).toString('base64')}`);
    expect(webhookSecretBytes(webhookSecret(bytes))).toEqual(bytes);
  });

  test.each([24, 25, 26, 64])('of %i bytes is read', (length) => {
    const bytes = new Uint8Array(length).fill(7);
    expect(webhookSecretBytes(`whsec_${Buffer.from(bytes).toString('base64')}`)).toEqual(bytes);
  });

  test.each([
    ['of 23 bytes', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['of 65 bytes', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['without prefix', Buffer.alloc(32).toString('base64')],
    ['of a signing key', `whsk_${Buffer.alloc(32).toString('base64')}`],
    ['in base64url', `whsec_${'-_'.repeat(22)}`],
    ['with its padding missing', `whsec_${Buffer.alloc(32).toString('base64').slice(0, -1)}`],
    ['with too much padding', `whsec_${'A'.repeat(41)}===`],
  ])('%s is none', (_, text) => expect(webhookSecretBytes(text)).toBeNull());

  test('of another length than 32 bytes is not made', () => {
    expect(() => webhookSecret(new Uint8Array(31))).toThrow('invariant');
  });
});
