import { z } from 'zod';

/** An absolute path, or nothing. */
const systemRoot = z
  .string()
  .max(1000)
  .regex(/^(\/.*)?$/);
const keys = z.record(z.string().max(100), z.string().max(60));

/** What a person can set; every field has a default, so an old or empty file still reads. */
export const settings = z.object({
  theme: z.enum(['dark', 'light', 'system']).default('system'),
  /** How this computer calls itself when it logs in; made once, at the first need. */
  initiatorName: z.string().max(223).default(''),
  /** Numbers such as LBAs are shown in this base first. */
  numberBase: z.enum(['decimal', 'hex']).default('decimal'),
  /** Where the system's own initiator lives, for a program in a container; empty where that is this very system. */
  systemRoot: systemRoot.default(''),
  tourSeen: z.boolean().default(false),
  /** Keys by command where they differ from the command's own; an empty one takes the key away. */
  keys: keys.default({}),
});

/** Some of the settings, to change. */
export const settingsPatch = z
  .object({
    theme: z.enum(['dark', 'light', 'system']),
    initiatorName: z.string().max(223),
    numberBase: z.enum(['decimal', 'hex']),
    systemRoot,
    tourSeen: z.boolean(),
    keys,
  })
  .partial();

/** The settings in force. */
export type Settings = z.infer<typeof settings>;
/** A change to them. */
export type SettingsPatch = z.infer<typeof settingsPatch>;
