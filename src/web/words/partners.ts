import { wordsOf } from '../locale.ts';

/** Where an organization asks to be taken as a partner. */
export const partnerWords = wordsOf({
  en: {
    become: (vendor: string) => `Become a partner of ${vendor}`,
    lead: 'Partners bring customers and earn by it. Tell us who you are; a person reads it, and you hear from us by mail.',
    wrong: 'Something below cannot be used. Nothing was sent.',
    email: 'Your e-mail address',
    organization: 'Your organization',
    domain: 'Its web domain, if it has one',
    note: 'Whom you bring, and how (if you like)',
    apply: 'Apply',
    use: 'We use your address to answer you, and for nothing else. Are you an agent, or building one? Then you need not apply: read',
    register: 'how agents register',
    have: 'We have your application',
    haveText: (vendor: string) =>
      `Somebody at ${vendor} reads it. The answer comes by mail. If we know this address already, nothing changes:`,
    signIn: 'sign in',
  },
  de: {
    become: (vendor: string) => `Partner von ${vendor} werden`,
    lead: 'Partner bringen Kunden und verdienen daran. Sagen Sie uns, wer Sie sind; ein Mensch liest es, und Sie hören per E-Mail von uns.',
    wrong: 'Etwas davon ist nicht verwendbar. Es wurde nichts gesendet.',
    email: 'Ihre E-Mail-Adresse',
    organization: 'Ihre Organisation',
    domain: 'Deren Web-Domain, falls vorhanden',
    note: 'Wen Sie bringen, und wie (wenn Sie möchten)',
    apply: 'Bewerben',
    use: 'Wir verwenden Ihre Adresse, um Ihnen zu antworten, und für nichts sonst. Sie sind ein Agent oder bauen einen? Dann brauchen Sie sich nicht zu bewerben, sondern lesen',
    register: 'wie Agenten sich anmelden',
    have: 'Ihre Bewerbung ist da',
    haveText: (vendor: string) =>
      `Jemand bei ${vendor} liest sie. Die Antwort kommt per E-Mail. Kennen wir diese Adresse schon, ändert sich nichts:`,
    signIn: 'melden Sie sich an',
  },
  ja: {
    become: (vendor: string) => `${vendor} のパートナーになる`,
    lead: 'パートナーは顧客を紹介して報酬を得ます。どなたかお知らせください。担当者が読み、メールでお返事します。',
    wrong: '使用できない入力があります。何も送信されていません。',
    email: 'メールアドレス',
    organization: '組織名',
    domain: 'ウェブドメイン（あれば）',
    note: '誰をどのように紹介するか（任意）',
    apply: '申し込む',
    use: 'アドレスはお返事にのみ使用します。エージェントご自身、またはその開発者であれば申し込みは不要です。こちらをご覧ください：',
    register: 'エージェントの登録方法',
    have: 'お申し込みを受け付けました',
    haveText: (vendor: string) => `${vendor} の担当者が読み、メールでお返事します。このアドレスが登録済みなら何も変わりません：`,
    signIn: 'サインイン',
  },
});
