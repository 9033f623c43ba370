import { X } from 'lucide-react';
import { create } from 'zustand';
import { IconButton } from './icon-button.tsx';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

interface ToastStore {
  readonly toasts: readonly Toast[];
  readonly last: number;
}

const SHOWN_MS = 7000;
const MOST = 3;

const useToasts = create<ToastStore>()(() => ({ toasts: [], last: 0 }));

const drop = (id: number): void =>
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));

/** Says something in passing; what matters stays where it happened, and the toast points there. */
export function toast(text: string, action?: Toast['action']): void {
  const id = useToasts.getState().last + 1;
  useToasts.setState(({ toasts }) => ({
    last: id,
    toasts: [...toasts, { id, text, ...(action === undefined ? {} : { action }) }].slice(-MOST),
  }));
  setTimeout(() => drop(id), SHOWN_MS);
}

/** The corner where toasts appear, read aloud politely. */
export function Toasts() {
  const toasts = useToasts((store) => store.toasts);
  return (
    <div className="toasts" aria-live="polite">
      {toasts.map(({ id, text, action }) => (
        <div key={id} className="toast">
          <span>{text}</span>
          {action === undefined ? null : (
            <button
              type="button"
              className="link"
              onClick={() => {
                drop(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <IconButton label="Dismiss" onClick={() => drop(id)}>
            <X size={13} />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
