import { use, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { create } from 'zustand';
import { TabContext } from './tab-context.ts';

type SlotName = 'inspector' | 'status';

interface Slots {
  readonly elements: Readonly<Record<SlotName, HTMLElement | null>>;
}

const useSlots = create<Slots>()(() => ({ elements: { inspector: null, status: null } }));

/** The place in the frame that the tab in front fills. */
export function Slot({ name, className }: { readonly name: SlotName; readonly className: string }) {
  const put = (element: HTMLElement | null): void =>
    useSlots.setState(({ elements }) => ({ elements: { ...elements, [name]: element } }));
  return <div className={className} ref={put} />;
}

function InSlot({ name, children }: { readonly name: SlotName; readonly children: ReactNode }) {
  const element = useSlots((slots) => slots.elements[name]);
  const { active } = use(TabContext);
  return element === null || !active ? null : createPortal(children, element);
}

/** Puts its children into the inspector on the right while the tab they stand in is in front. */
export function InspectorContent({ children }: { readonly children: ReactNode }) {
  return <InSlot name="inspector">{children}</InSlot>;
}

/** Puts its children into the status bar while the tab they stand in is in front: a selection, a position. */
export function StatusContent({ children }: { readonly children: ReactNode }) {
  return <InSlot name="status">{children}</InSlot>;
}
