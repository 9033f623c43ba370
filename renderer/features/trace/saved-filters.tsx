import { Dialog } from '@base-ui/react/dialog';
import { Menu } from '@base-ui/react/menu';
import { Star, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { setTracePrefs, useTraceLibrary } from '../../state/trace-store.ts';
import { splitFilter } from './filter-text.ts';
import '../../components/menu.css';
import './dialogs.css';
import './filter-bar.css';

const LONGEST_NAME = 100;

interface SavedFiltersProps {
  /** The filter that holds now. */
  readonly expression: string;
  readonly onChips: (chips: readonly string[]) => void;
}

/** Why a filter cannot have this name, or null. */
function nameFault(name: string, taken: readonly string[]): string | null {
  if (name.length > LONGEST_NAME) return `A name has at most ${LONGEST_NAME} characters.`;
  return taken.includes(name) ? 'Another filter has this name.' : null;
}

function SavedFilter({ at }: { readonly at: number }) {
  const filters = useTraceLibrary(({ prefs }) => prefs.filters);
  const own = filters[at];
  const [name, setName] = useState(own?.name ?? '');
  if (own === undefined) return null;
  const others = filters.filter((one) => one !== own);
  const fault = nameFault(
    name.trim(),
    others.map((one) => one.name),
  );
  const rename = (text: string): void => {
    setName(text);
    const next = text.trim();
    if (
      next === '' ||
      nameFault(
        next,
        others.map((one) => one.name),
      ) !== null
    )
      return;
    setTracePrefs({ filters: filters.map((one) => (one === own ? { ...one, name: next } : one)) });
  };
  return (
    <li className="saved-filter">
      <TextField label={`Name of filter ${at + 1}`} value={name} onChange={rename} error={fault} />
      <code className="mono muted">{own.expression}</code>
      <IconButton label={`Forget ${own.name}`} onClick={() => setTracePrefs({ filters: others })}>
        <Trash2 size={13} />
      </IconButton>
    </li>
  );
}

function KeepDialog({ expression, onClose }: { readonly expression: string; readonly onClose: () => void }) {
  const filters = useTraceLibrary(({ prefs }) => prefs.filters);
  const [name, setName] = useState('');
  const isSaved = filters.some((one) => one.expression === expression);
  const wanted = name.trim();
  const fault = nameFault(
    wanted,
    filters.map((one) => one.name),
  );
  const save = (): void => {
    if (wanted === '' || fault !== null) return;
    setTracePrefs({ filters: [...filters, { name: wanted, expression }] });
    onClose();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="export">
          <Dialog.Title className="export-title">Saved filters</Dialog.Title>
          {expression === '' || isSaved ? null : (
            <div className="saved-new">
              <code className="mono">{expression}</code>
              <TextField
                label="Name"
                value={name}
                onChange={setName}
                error={fault}
                placeholder="Slow reads of LUN 3"
                autoFocus
                onEnter={save}
              />
              <Button primary disabled={wanted === '' || fault !== null} onClick={save}>
                Save this filter
              </Button>
            </div>
          )}
          {filters.length === 0 ? null : (
            <ul className="saved-list" aria-label="Saved filters">
              {filters.map((one, at) => (
                <SavedFilter key={one.expression} at={at} />
              ))}
            </ul>
          )}
          <div className="export-actions">
            <Button onClick={onClose}>Close</Button>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Filters the person has given names, and those used before. */
export function SavedFilters({ expression, onChips }: SavedFiltersProps) {
  const { filters, history } = useTraceLibrary(({ prefs }) => prefs);
  const [edits, setEdits] = useState(false);
  const isSaved = filters.some((one) => one.expression === expression);
  const use = (text: string): void => onChips(splitFilter(text));
  return (
    <>
      <Menu.Root>
        <Menu.Trigger className="icon-button" aria-label="Saved filters" title="Saved filters">
          <Star size={14} fill={isSaved ? 'currentColor' : 'none'} />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner className="menu-layer" align="end" sideOffset={4}>
            <Menu.Popup className="menu filter-menu">
              {expression === '' || isSaved ? null : (
                <Menu.Item className="menu-item" onClick={() => setEdits(true)}>
                  Save this filter …
                </Menu.Item>
              )}
              {filters.map((one) => (
                <Menu.Item key={one.expression} className="menu-item" onClick={() => use(one.expression)}>
                  <Star size={11} fill="currentColor" aria-hidden /> {one.name}
                  <span className="menu-spring" />
                  <span className="mono muted filter-menu-text">{one.expression}</span>
                </Menu.Item>
              ))}
              {filters.length === 0 ? null : (
                <Menu.Item className="menu-item" onClick={() => setEdits(true)}>
                  Rename or forget …
                </Menu.Item>
              )}
              {history.length === 0 ? null : (
                <Menu.Group>
                  <Menu.GroupLabel className="menu-label">Used before</Menu.GroupLabel>
                  {history.map((one) => (
                    <Menu.Item key={one} className="menu-item mono" onClick={() => use(one)}>
                      <span className="filter-menu-text">{one}</span>
                    </Menu.Item>
                  ))}
                </Menu.Group>
              )}
              {filters.length === 0 && history.length === 0 && expression === '' ? (
                <p className="menu-label">Filters you save or use are kept here.</p>
              ) : null}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      {edits ? <KeepDialog expression={expression} onClose={() => setEdits(false)} /> : null}
    </>
  );
}
