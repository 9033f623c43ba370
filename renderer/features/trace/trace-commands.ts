import type { ListedCommand } from '../../state/commands.ts';

/** What can be done with the trace in front. */
export const TRACE_COMMANDS = [
  { id: 'trace.filter', title: 'Filter the trace', key: 'Mod+F' },
  { id: 'trace.next', title: 'Next PDU of the task', key: '.' },
  { id: 'trace.before', title: 'PDU of the task before', key: ',' },
  { id: 'trace.mark', title: 'Mark the PDU', key: 'Mod+M' },
  { id: 'trace.nextMark', title: 'Next marked PDU', key: 'F3' },
  { id: 'trace.lastMark', title: 'Marked PDU before', key: 'Shift+F3' },
  { id: 'trace.export', title: 'Export the trace', key: 'Mod+S', menu: { title: 'File', group: 1 } },
] as const satisfies readonly ListedCommand[];

/** The command that shows a pane. */
export const paneCommand = ({ id, label }: { readonly id: string; readonly label: string }): ListedCommand => ({
  id: `trace.pane.${id}`,
  title: `Trace: ${label}`,
});
