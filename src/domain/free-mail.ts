/**
 * Whether anybody gets an address at this registrable domain: mail at it says nothing of a company. The large providers, and the largest in
 * whatever country; a small one that is missing makes one company too many.
 */
export function isFreeMail(registrable: string): boolean {
  return freeMail.has(registrable) || national.test(registrable);
}

/** Providers with a domain in most countries. */
const national = /^(?:gmx|hotmail|live|outlook|yahoo)\.(?:com|net|[a-z]{2}|(?:co|com|ne)\.[a-z]{2})$/;

const freeMail: ReadonlySet<string> = new Set(
  `gmail.com googlemail.com msn.com passport.com onmicrosoft.com ymail.com rocketmail.com aol.com aim.com icloud.com me.com mac.com proton.me
  protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.com tuta.io web.de freenet.de t-online.de arcor.de mail.com email.com
  usa.com post.com consultant.com engineer.com europe.com asia.com myself.com iname.com writeme.com techie.com accountant.com dr.com
  cheerful.com mail.de posteo.de mailbox.org zoho.com zohomail.com zohomail.eu fastmail.com fastmail.fm hey.com yandex.ru yandex.com ya.ru
  mail.ru bk.ru inbox.ru list.ru rambler.ru qq.com foxmail.com 163.com 126.com 139.com 189.cn yeah.net sina.com sina.cn sohu.com aliyun.com
  docomo.ne.jp ezweb.ne.jp softbank.ne.jp naver.com hanmail.net daum.net nate.com rediffmail.com orange.fr wanadoo.fr free.fr laposte.net
  sfr.fr neuf.fr libero.it virgilio.it alice.it tiscali.it tin.it btinternet.com ntlworld.com sky.com talktalk.net virginmedia.com
  comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net optonline.net shaw.ca rogers.com
  sympatico.ca bigpond.com optusnet.com.au telstra.com xtra.co.nz uol.com.br bol.com.br terra.com.br ig.com.br globo.com seznam.cz
  centrum.cz wp.pl o2.pl onet.pl interia.pl op.pl abv.bg ukr.net i.ua telenet.be skynet.be ziggo.nl kpnmail.nl planet.nl hetnet.nl
  bluewin.ch telia.com hush.com hushmail.com mailinator.com guerrillamail.com yopmail.com duck.com relay.firefox.com simplelogin.com`
    .trim()
    .split(/\s+/),
);
