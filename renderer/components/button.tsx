import type { ReactNode } from 'react';

interface ButtonProps {
  readonly children: ReactNode;
  readonly onClick: () => void;
  readonly primary?: boolean;
  readonly disabled?: boolean;
}

/** A button with words on it. */
export function Button({ children, onClick, primary = false, disabled = false }: ButtonProps) {
  return (
    <button type="button" className="button" data-primary={primary} disabled={disabled} onClick={onClick}>
      {children}
    </button>
  );
}
