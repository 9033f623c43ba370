import { Tooltip } from '@base-ui/react/tooltip';
import type { ReactNode } from 'react';

interface IconButtonProps {
  readonly label: string;
  readonly children: ReactNode;
  readonly onClick: () => void;
  readonly size?: 'small' | 'large';
  readonly pressed?: boolean;
  readonly side?: 'top' | 'right' | 'bottom';
  /** Left out of the Tab order where a keyboard reaches it otherwise. */
  readonly tabIndex?: number;
}

/** A button that shows an icon; its words are its name and its tooltip. */
export function IconButton({
  label,
  children,
  onClick,
  size = 'small',
  pressed,
  side = 'top',
  tabIndex,
}: IconButtonProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger
        className="icon-button"
        aria-label={label}
        aria-pressed={pressed}
        data-size={size}
        tabIndex={tabIndex}
        onClick={onClick}
      >
        {children}
      </Tooltip.Trigger>
      <Tooltip.Portal>
        {/* It repeats the button's name, for the eye alone. */}
        <Tooltip.Positioner side={side} sideOffset={6} aria-hidden>
          <Tooltip.Popup className="tooltip">{label}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
