import { Dialog } from '@base-ui/react/dialog';
import { useRef } from 'react';
import { create } from 'zustand';
import { Button } from '../../components/button.tsx';
import { CopyText } from '../../components/copy-text.tsx';
import { followCapture } from './open-more.ts';
import './dialogs.css';

const useAsked = create<{ readonly open: boolean }>()(() => ({ open: false }));

/** Asks which file or pipe is to be followed. */
export const askToFollow = (): void => useAsked.setState({ open: true });

const WAYS: readonly { readonly title: string; readonly commands: readonly string[] }[] = [
  {
    title: 'A file that is still written',
    commands: ['tcpdump -U -i any -w /tmp/live.pcapng port 3260'],
  },
  {
    title: 'A pipe, which keeps nothing on the disk of that host',
    commands: ['mkfifo /tmp/live.pipe', 'ssh root@HOST tcpdump -U -i any -w - port 3260 > /tmp/live.pipe'],
  },
];

/** How to look at a conversation between others while it goes on. */
export function FollowDialog() {
  const { open } = useAsked();
  const popup = useRef<HTMLDivElement>(null);
  const close = (): void => useAsked.setState({ open: false });
  return (
    <Dialog.Root open={open} onOpenChange={(next) => useAsked.setState({ open: next })}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="export" ref={popup} initialFocus={popup}>
          <Dialog.Title className="export-title">Follow a live capture</Dialog.Title>
          <p>
            Rows appear as packets are captured, until you stop. Start a capture in one of these ways, then choose its
            file or pipe.
          </p>
          {WAYS.map(({ title, commands }) => (
            <section key={title} className="follow-way">
              <h2>{title}</h2>
              {commands.map((command) => (
                <CopyText key={command} text={command} what="the command" />
              ))}
            </section>
          ))}
          <div className="export-actions">
            <Button onClick={close}>Close</Button>
            <Button
              primary
              onClick={() => {
                close();
                void followCapture();
              }}
            >
              Choose the file or pipe …
            </Button>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
