import { z } from 'zod';

/** How an image is shared. The path is one that the person chose in a dialog. */
export const shareInput = z.object({
  path: z.string().min(1).max(4096),
  host: z.string().min(1).max(255),
  /** 0 takes a free one. */
  port: z.number().int().min(0).max(65535),
  blockSize: z.union([z.literal(512), z.literal(2048), z.literal(4096)]),
  optical: z.boolean(),
  writable: z.boolean(),
  /** CHAP for those who log in; null lets anyone in. */
  chap: z.object({ user: z.string().min(1).max(255), secret: z.string().min(1).max(255) }).nullable(),
  /** Initiator names let in; empty lets all. */
  initiators: z.array(z.string().max(223)).max(100),
});

/** An image that is shared, and who uses it. */
export const sharedImage = z.object({
  id: z.string(),
  path: z.string(),
  target: z.string(),
  host: z.string(),
  port: z.number().int(),
  url: z.string(),
  bytes: z.string(),
  blockSize: z.number().int(),
  writable: z.boolean(),
  chapUser: z.string().nullable(),
  initiators: z.array(
    z.object({
      name: z.string(),
      isid: z.string(),
      /** Address and port of each connection. */
      from: z.array(z.string()),
      commands: z.number().int(),
      bytesRead: z.string(),
      bytesWritten: z.string(),
    }),
  ),
  /** The latest commands, the newest first. */
  commands: z.array(z.object({ n: z.number().int(), initiator: z.string(), text: z.string(), status: z.string() })),
});

/** An image that is shared. */
export type SharedImage = z.infer<typeof sharedImage>;
/** How an image is shared. */
export type ShareInput = z.infer<typeof shareInput>;
