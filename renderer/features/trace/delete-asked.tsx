import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';

interface DeleteAskedProps {
  readonly words: string;
  readonly keep: string;
  readonly onDelete: () => void;
  /** What asks for it. */
  readonly children: (ask: () => void) => ReactNode;
}

/** Deletes for good only what was asked about; the focus goes to the way back, and back. */
export function DeleteAsked({ words, keep, onDelete, children }: DeleteAskedProps) {
  const [asks, setAsks] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  const [turns, setTurns] = useState(0);
  useEffect(() => {
    if (turns > 0) box.current?.querySelector<HTMLElement>('button:last-of-type')?.focus();
  }, [turns]);
  const turn = (next: boolean): void => {
    setAsks(next);
    setTurns(turns + 1);
  };
  return (
    <span
      ref={box}
      className="delete-asked"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && asks) turn(false);
      }}
    >
      {asks ? (
        <>
          <Button
            onClick={() => {
              setAsks(false);
              onDelete();
            }}
          >
            {words}
          </Button>
          <Button onClick={() => turn(false)}>{keep}</Button>
        </>
      ) : (
        children(() => turn(true))
      )}
    </span>
  );
}
