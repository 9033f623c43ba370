import { registerAbout } from '../features/about/register.ts';
import { registerBlocks } from '../features/blocks/register.ts';
import { registerDemo } from '../features/demo/register.ts';
import { registerExplorer } from '../features/explorer/register.ts';
import { registerJobs } from '../features/jobs/register.ts';
import { registerKeys } from '../features/keys/register.ts';
import { registerLun } from '../features/lun/register.ts';
import { registerInventory } from '../features/inventory/register.ts';
import { registerSession } from '../features/session/register.ts';
import { registerSettings } from '../features/settings/register.ts';
import { registerShare } from '../features/share/register.ts';
import { registerStart } from '../features/start/register.ts';
import { registerTarget } from '../features/target/register.ts';
import { registerSystem } from '../features/system/register.ts';
import { registerTrace } from '../features/trace/register.ts';
import { registerCommands } from '../state/commands.ts';
import { FRAME_COMMANDS } from './frame-commands.ts';

/** Lets every feature put its part into the frame; a new feature adds its line here. */
export function registerFeatures(): void {
  registerCommands(FRAME_COMMANDS);
  registerStart();
  registerExplorer();
  registerTarget();
  registerLun();
  registerSession();
  registerBlocks();
  registerTrace();
  registerDemo();
  registerShare();
  registerInventory();
  registerSystem();
  registerJobs();
  registerKeys();
  registerSettings();
  registerAbout();
}
