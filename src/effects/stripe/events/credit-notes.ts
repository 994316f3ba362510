import { idOf, reread } from '../reread.ts';
import { rereadInvoices } from '../reversals.ts';
import type { Translator } from '../translator.ts';

const creditNote: Translator = async (told, scene) => {
  const read = await reread(told, 'credit_note', (id) => scene.stripe.creditNotes.retrieve(id));
  if (!read.ok) return read.settlement;
  const invoice = idOf(read.value.invoice);
  return rereadInvoices(invoice === null ? [] : [invoice], scene);
};

export const creditNoteTranslators = {
  'credit_note.created': creditNote,
  'credit_note.updated': creditNote,
  'credit_note.voided': creditNote,
} as const;
