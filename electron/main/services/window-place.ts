import { z } from 'zod';

/** Where the window was, in the system's own pixels. */
export const windowPlace = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(400).max(20_000),
  height: z.number().int().min(300).max(20_000),
  maximized: z.boolean(),
});

/** Where the window was. */
export type WindowPlace = z.infer<typeof windowPlace>;

/** A rectangle of a display that windows may cover. */
export interface WorkArea {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const LEAST_SEEN = 100;

/** The place a window can go back to: null where too little of its top would be on any display there is now. */
export function placeOnDisplays(place: WindowPlace | null, areas: readonly WorkArea[]): WindowPlace | null {
  if (place === null) return null;
  const seen = areas.some((area) => {
    const across = Math.min(place.x + place.width, area.x + area.width) - Math.max(place.x, area.x);
    const isTopInside = place.y >= area.y - 1 && place.y <= area.y + area.height - LEAST_SEEN;
    return across >= LEAST_SEEN && isTopInside;
  });
  return seen ? place : null;
}
