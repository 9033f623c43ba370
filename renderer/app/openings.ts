import { toast } from '../components/toasts.tsx';
import type { WireError } from '../../electron/contract/errors.ts';
import type { OpenedLink } from '../../electron/contract/explorer.ts';
import { subscribe } from '../lib/client.ts';
import { formatPortal } from '../lib/format.ts';
import { usePlugs } from '../state/plugs.ts';
import { putPrefill } from '../state/prefill.ts';
import { setFindings } from '../state/findings-store.ts';
import { openTab, showPanel } from '../state/shell-store.ts';

function openLink(link: OpenedLink): void {
  const { host, port, target } = link;
  putPrefill(
    { host, port, target: target ?? '' },
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
  const portal = { host, port: String(port) };
  if (target === null) openTab('add-portal', portal);
  else openTab('target', { ...portal, target });
  toast(`A link to ${formatPortal(link)} was opened. Nothing is contacted before you sign in.`);
}

/** What was refused stays among the findings; the toast only points there. */
function tellRefusal({ message, hint }: WireError): void {
  setFindings('links', [
    { id: 'link', severity: 'error', title: 'A link was refused:', detail: `${message} ${hint ?? ''}`.trim() },
  ]);
  toast(message, { label: 'Show why', run: () => showPanel('findings') });
}

/** Takes links and captures that the system hands over: a link fills a form in and waits there. */
export function watchOpenings(): () => void {
  return subscribe('app.opened', undefined, {
    onItems: (items) => {
      for (const opened of items) {
        if (opened.kind === 'link') openLink(opened.link);
        else if (opened.kind === 'refused') tellRefusal(opened.error);
        else if (usePlugs.getState().tabKinds.has('trace')) openTab('trace', { file: opened.path });
        else toast(`${opened.path} was opened, and this build has no viewer for captures.`);
      }
    },
    onEnd: () => undefined,
  });
}
