import { invariant } from '../../domain/result.ts';
import type { CurrencyCode } from './cast.ts';
import type { Dice } from './dice.ts';

export interface Company {
  readonly name: string;
  readonly domain: string;
}

/** Companies that nobody has, each once; their domains end in `.example` (RFC 2606). */
export function companies(dice: Dice): (currency: CurrencyCode) => Company {
  const left = {
    usd: [...dice.shuffled(combined(english, trades))],
    eur: [...dice.shuffled(combined(german, branches))],
    jpy: [...dice.shuffled(combined(japanese, crafts))],
  };
  return (currency) => {
    const found = left[currency].pop();
    invariant(found !== undefined, 'there are more names than referrals');
    return found;
  };
}

/** What a farm of sign-ups looks like: one after the other. */
export const farmed = (n: number): Company => ({ name: `Value Offers ${n}`, domain: `value-offers-${n}.example` });

function combined(first: readonly string[], second: readonly string[]): Company[] {
  return first.flatMap((one) =>
    second.map((other) => {
      const name = `${one} ${other}`;
      return { name, domain: `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.example` };
    }),
  );
}

const english = words(`Alder Birchwood Calder Copperfield Dunmore Eastgate Fairhaven Glenrock Halcyon Ironbridge Juniper Kestrel Larkspur
  Meridian Newbury Orchard Palisade Quarry Redwood Silverton Tamarack Upland Verity Westbrook Yarrow`);
const trades = words('Logistics Foods Robotics Health Energy Textiles Analytics Marine Optics Mobility Dental Paper Tools Travel');
const german = words(
  'Ahrens Behrendt Claussen Dierks Ebeling Fehling Gerkens Harms Jessen Kruse Lorenzen Mertens Petersen Reimers Thomsen',
);
const branches = words('Maschinenbau Logistik Energie Textil Medizintechnik Verlag Druck Software');
const japanese = words('Aoyama Fujimori Hayakawa Ishibashi Kanazawa Minato Nakahara Okayama Shirakawa Takase');
const crafts = words('Seiki Shokuhin Butsuryu Kagaku Denki Insatsu Kensetsu');

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}
