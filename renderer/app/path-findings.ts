import type { SessionEntry } from '../../electron/contract/sessions.ts';
import { toast } from '../components/toasts.tsx';
import { shortName } from '../lib/format.ts';
import { setFindings, type Finding } from '../state/findings-store.ts';
import { targetParams, useExplorer } from '../state/explorer-store.ts';
import { openTab } from '../state/shell-store.ts';
import { joinUnits } from '../state/units.ts';

/** Points at a session that was lost; the reason stays on its screens. */
function tellLoss(session: SessionEntry): void {
  const text = `Session ${session.number} with ${shortName(session.target)} was lost.`;
  toast(text, { label: 'Show why', run: () => openTab('session', { ...targetParams(session), session: session.id }) });
}

/** Keeps the findings about sessions and identifiers as they are now; gives the function that ends it. */
export function watchPaths(): () => void {
  return useExplorer.subscribe(({ sessions }, before) => {
    if (sessions === before.sessions) return;
    const { findings } = joinUnits(sessions);
    const warnings = sessions.flatMap((session): Finding[] =>
      session.warnings.map((detail) => ({
        id: `${session.id} ${detail}`,
        severity: 'warning',
        title: `Session ${session.number}:`,
        detail,
        open: () => openTab('session', { ...targetParams(session), session: session.id }),
      })),
    );
    const lost = sessions.flatMap((session): Finding[] =>
      session.error === null
        ? []
        : [
            {
              id: `${session.id} error`,
              severity: 'error',
              title: `Session ${session.number}:`,
              detail: session.error.message,
              open: () => openTab('target', targetParams(session)),
            },
          ],
    );
    for (const session of sessions) {
      const was = before.sessions.find(({ id }) => id === session.id);
      if (was?.state === 'full' && session.state !== 'full' && session.error !== null) tellLoss(session);
      if (was?.state === 'recovering' && session.state === 'full')
        toast(`Session ${session.number} with ${shortName(session.target)} is back.`);
    }
    setFindings('paths', [...lost, ...findings, ...warnings]);
  });
}
