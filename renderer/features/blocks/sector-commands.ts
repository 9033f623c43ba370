import type { ListedCommand } from '../../state/commands.ts';

/** What can be done with the sectors in front. */
export const SECTOR_COMMANDS = [
  { id: 'sectors.goTo', title: 'Go to address', key: 'Mod+G', menu: { title: 'Go', group: 3 } },
  { id: 'sectors.back', title: 'Back to where I was', key: 'Alt+ArrowLeft' },
  { id: 'sectors.forward', title: 'Forward again', key: 'Alt+ArrowRight' },
  { id: 'sectors.find', title: 'Find bytes', key: 'Mod+F' },
  { id: 'sectors.findNext', title: 'Find next', key: 'F3' },
  { id: 'sectors.findPrevious', title: 'Find previous', key: 'Shift+F3' },
  { id: 'sectors.bookmark', title: 'Bookmark the selection', key: 'Mod+M' },
  { id: 'sectors.readAgain', title: 'Read the sectors again', key: 'F5' },
  { id: 'sectors.first', title: 'Go to the first sector' },
  { id: 'sectors.last', title: 'Go to the last sector' },
] as const satisfies readonly ListedCommand[];
