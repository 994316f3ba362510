import { decideDispute } from '../../operations/disputes/decide.ts';
import type { DisputeFile } from '../../operations/disputes/get-file.ts';
import { ActionForm, Field } from '../parts/form.tsx';
import { PasskeyFirst } from '../parts/passkey-first.tsx';
import { happeningWord } from '../words/happenings.ts';
import { reviewWords } from '../words/review.ts';
import type { Scene } from './definition.ts';

/** Where a reviewer decides: first which way, then why, having read both cases. Each step is a page, so it needs no script. */
export function Decision({ file, scene }: { file: DisputeFile; scene: Scene }) {
  const { locale, query, typed, url } = scene;
  const words = reviewWords[locale];
  if (file.status !== 'open' || !scene.may(decideDispute)) return null;
  const outcome = outcomeIn(typed.get('outcome') ?? query('decide'));
  return (
    <section class="panel no-print" id="decide" aria-labelledby="decide-title">
      <h2 id="decide-title">{outcome === null ? words.decide : words[outcome]}</h2>
      {outcome === null ? (
        <>
          <p>{words.decideText}</p>
          <p class="row">
            <a class="button" href={`${url.pathname}?decide=upheld#decide`}>
              {words.uphold}
            </a>
            <a class="button" href={`${url.pathname}?decide=denied#decide`}>
              {words.deny}
            </a>
          </p>
        </>
      ) : (
        <Ruling outcome={outcome} file={file} scene={scene} />
      )}
    </section>
  );
}

type Outcome = 'upheld' | 'denied';
const outcomeIn = (text: string | null | undefined): Outcome | null => (text === 'upheld' || text === 'denied' ? text : null);

function Ruling({ outcome, file, scene }: { outcome: Outcome; file: DisputeFile; scene: Scene }) {
  const { locale, problem, typed } = scene;
  const words = reviewWords[locale];
  const isUnread = problem !== null && typed.get('read') !== 'yes';
  const options = reasonsFor(outcome).map((value) => ({ value, text: happeningWord('reasons', value, locale) }));
  const leads = file.credited === null && outcome === 'upheld' ? words.nobody : words[`${outcome}Text`];
  return (
    <>
      <p>
        {leads} {words.decideText}
      </p>
      <PasskeyFirst operation={decideDispute} scene={scene} />
      <ActionForm action={`/ledger/review/${file.id}/decide`}>
        <input type="hidden" name="outcome" value={outcome} />
        <Field name="reason" label={words.reason} scene={scene} options={options} required />
        <Field name="note" label={words.note} hint={words.noteHint} scene={scene} rows={3} max={2000} />
        <div class="field">
          <label>
            <input
              type="checkbox"
              name="read"
              value="yes"
              required
              checked={typed.get('read') === 'yes'}
              {...(isUnread ? { 'aria-invalid': 'true' as const, 'aria-describedby': 'read-wrong' } : {})}
            />{' '}
            {words.read}
          </label>
          {isUnread ? (
            <p class="wrong" id="read-wrong">
              {words.mustRead}
            </p>
          ) : null}
        </div>
        <p class="row">
          <button class={outcome === 'upheld' ? 'danger' : 'main'} type="submit">
            {words[outcome]}
          </button>
          <a href={scene.url.pathname}>{words.cancel}</a>
        </p>
      </ActionForm>
    </>
  );
}

/** The operation has one list for both; what belongs to the other outcome it refuses. */
function reasonsFor(outcome: Outcome): readonly string[] {
  const upholding: readonly string[] = ['evidence_shown', 'first_contact_shown', 'link_misread', 'credited_by_mistake'];
  return decideDispute.input.shape.reason.options.filter((reason) => upholding.includes(reason) === (outcome === 'upheld'));
}
