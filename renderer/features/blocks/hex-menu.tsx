import { ContextMenu } from '@base-ui/react/context-menu';
import type { ReactNode } from 'react';
import { COPY_FORMS } from '../../../core/browser.ts';
import { showKey } from '../../lib/keys.ts';
import { addBookmark } from './bookmarks.ts';
import { copySelection, FORMS, type PlaceProps } from './copy-selection.ts';
import { useWire } from './use-wire.ts';
import '../../components/menu.css';

/** What can be done with the selected bytes, where they are. */
export function HexMenu({ view, place, children }: PlaceProps & { readonly children: ReactNode }) {
  const showWire = useWire({ view, place });
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger className="hex-area">{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Positioner className="menu-layer">
          <ContextMenu.Popup className="menu">
            {COPY_FORMS.map((form) => (
              <ContextMenu.Item
                key={form}
                className="menu-item"
                onClick={() => void copySelection({ view, place }, form)}
              >
                {`Copy as ${FORMS[form]}`} <span className="menu-spring" />{' '}
                {form === 'hex-spaced' ? <kbd>{showKey('Mod+C')}</kbd> : null}
              </ContextMenu.Item>
            ))}
            <ContextMenu.Separator className="menu-line" />
            <ContextMenu.Item className="menu-item" onClick={() => addBookmark(view)}>
              Bookmark <span className="menu-spring" /> <kbd>{showKey('Mod+M')}</kbd>
            </ContextMenu.Item>
            <ContextMenu.Item className="menu-item" disabled={showWire === null} onClick={() => showWire?.()}>
              Show the PDUs that touched this
            </ContextMenu.Item>
          </ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
