import { ContextMenu } from '@base-ui/react/context-menu';
import { showKey } from '../../lib/keys.ts';
import { negate } from './filter-text.ts';
import '../../components/menu.css';

interface LineMenuProps {
  /** The filter for the value of the cell, where it has one. */
  readonly condition: string | null;
  readonly columnLabel: string;
  readonly onFilter: (condition: string) => void;
  readonly onCopy: (as: 'text' | 'json' | 'hex') => void;
  readonly onMark: () => void;
}

/** What can be done with a cell and with the lines that are chosen. */
export function LineMenu({ condition, columnLabel, onFilter, onCopy, onMark }: LineMenuProps) {
  return (
    <ContextMenu.Portal>
      <ContextMenu.Positioner className="menu-layer">
        <ContextMenu.Popup className="menu">
          {condition === null ? (
            <p className="menu-label">{`Nothing to filter by in ${columnLabel}`}</p>
          ) : (
            <>
              <ContextMenu.Item className="menu-item" onClick={() => onFilter(condition)}>
                {`Filter by this ${columnLabel}`} <span className="mono muted">{condition}</span> <kbd>F</kbd>
              </ContextMenu.Item>
              <ContextMenu.Item className="menu-item" onClick={() => onFilter(negate(condition))}>
                {`Leave this ${columnLabel} out`} <span className="menu-spring" /> <kbd>{showKey('Shift+F')}</kbd>
              </ContextMenu.Item>
            </>
          )}
          <ContextMenu.Separator className="menu-line" />
          <ContextMenu.Item className="menu-item" onClick={() => onCopy('text')}>
            Copy as text <span className="menu-spring" /> <kbd>{showKey('Mod+C')}</kbd>
          </ContextMenu.Item>
          <ContextMenu.Item className="menu-item" onClick={() => onCopy('json')}>
            Copy as JSON
          </ContextMenu.Item>
          <ContextMenu.Item className="menu-item" onClick={() => onCopy('hex')}>
            Copy bytes as hex
          </ContextMenu.Item>
          <ContextMenu.Separator className="menu-line" />
          <ContextMenu.Item className="menu-item" onClick={onMark}>
            Mark <span className="menu-spring" /> <kbd>{showKey('Mod+M')}</kbd>
          </ContextMenu.Item>
        </ContextMenu.Popup>
      </ContextMenu.Positioner>
    </ContextMenu.Portal>
  );
}
