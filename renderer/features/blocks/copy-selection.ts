import type { CopyForm } from '../../../core/browser.ts';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import { formatCountOf } from '../../lib/format.ts';
import type { UnitPlace } from './pages.ts';
import type { BlockView } from './view-model.ts';

/** What people call the forms bytes are copied in. */
export const FORMS: Readonly<Record<CopyForm, string>> = {
  hex: 'Hex',
  'hex-spaced': 'Hex with spaces',
  c: 'C array',
  rust: 'Rust array',
  python: 'Python bytes',
  base64: 'Base64',
  hexdump: 'Hexdump',
  text: 'Text',
};

/** A view, and where it reads from. */
export interface PlaceProps {
  readonly view: BlockView;
  readonly place: UnitPlace;
}

/** Copies the selection in a form, and says what came of it. */
export async function copySelection({ view, place }: PlaceProps, form: CopyForm): Promise<void> {
  const { offset, length } = view.range;
  const answer = await request('blocks.copy', { ...place, offset: String(offset), length: String(length), form });
  toast(answer.ok ? `Copied ${formatCountOf(length, 'byte')} as ${FORMS[form]}.` : answer.error.message);
}
