import { wordsOf } from '../locale.ts';

/** What the live strip says beside what happened. */
export const liveWords = wordsOf({
  en: {
    title: 'Live',
    none: 'What happens from now on shows here.',
    more: (n: number) => (n === 1 ? 'One new event' : `${n} new events`),
  },
  de: {
    title: 'Live',
    none: 'Was ab jetzt geschieht, erscheint hier.',
    more: (n: number) => (n === 1 ? 'Ein neues Ereignis' : `${n} neue Ereignisse`),
  },
  ja: {
    title: 'ライブ',
    none: 'これから起きることがここに表示されます。',
    more: (n: number) => `新しい出来事 ${n} 件`,
  },
});
