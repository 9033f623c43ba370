import { z } from 'zod';

/** What a person can set; every field has a default, so an old or empty file still reads. */
export const settings = z.object({
  theme: z.enum(['dark', 'light', 'system']).default('system'),
  sidebarVisible: z.boolean().default(true),
});

/** Some of the settings, to change. */
export const settingsPatch = z
  .object({ theme: z.enum(['dark', 'light', 'system']), sidebarVisible: z.boolean() })
  .partial();

/** The settings in force. */
export type Settings = z.infer<typeof settings>;
/** A change to them. */
export type SettingsPatch = z.infer<typeof settingsPatch>;
