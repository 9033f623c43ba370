import { setFindings, type Finding } from '../state/findings-store.ts';
import { targetParams, useExplorer } from '../state/explorer-store.ts';
import { openTab } from '../state/shell-store.ts';
import { joinUnits } from '../state/units.ts';

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
    setFindings('paths', [...lost, ...findings, ...warnings]);
  });
}
