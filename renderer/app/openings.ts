import { toast } from '../components/toasts.tsx';
import type { OpenedLink } from '../../electron/contract/explorer.ts';
import { subscribe } from '../lib/client.ts';
import { formatPortal } from '../lib/format.ts';
import { usePlugs } from '../state/plugs.ts';
import { putPrefill } from '../state/prefill.ts';
import { openTab } from '../state/shell-store.ts';

function openLink(link: OpenedLink): void {
  const { host, port, target } = link;
  if (target === null) {
    openTab('add-portal', { host, port: String(port) });
    return;
  }
  putPrefill(
    { host, port, target },
    {
      user: link.user,
      secret: '',
      hasSecret: link.hasSecret,
      mutual: link.mutualUser !== null,
      targetUser: link.mutualUser ?? '',
      targetSecret: '',
      headerDigest: link.headerDigest,
      lun: link.lun,
    },
  );
  openTab('target', { host, port: String(port), target });
  toast(`A link to ${formatPortal(link)} was opened. Nothing is contacted before you sign in.`);
}

/** Takes links and captures that the system hands over: a link fills a form in and waits there. */
export function watchOpenings(): () => void {
  return subscribe('app.opened', undefined, {
    onItems: (items) => {
      for (const opened of items) {
        if (opened.kind === 'link') openLink(opened.link);
        else if (opened.kind === 'refused') toast(`${opened.error.message} ${opened.error.hint ?? ''}`);
        else if (usePlugs.getState().tabKinds.has('trace')) openTab('trace', { file: opened.path });
        else toast(`${opened.path} was opened, and this build has no viewer for captures.`);
      }
    },
    onEnd: () => undefined,
  });
}
