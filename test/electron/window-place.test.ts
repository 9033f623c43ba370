import { describe, expect, it } from 'vitest';
import { placeOnDisplays } from '../../electron/main/services/window-place.ts';

const place = { x: 100, y: 100, width: 1200, height: 800, maximized: false };
const first = { x: 0, y: 0, width: 1920, height: 1080 };
const second = { x: 1920, y: 0, width: 1920, height: 1080 };

describe('where the window goes back to', () => {
  it('is where it was, on a display that is still there', () => {
    expect(placeOnDisplays(place, [first])).toEqual(place);
    expect(placeOnDisplays({ ...place, x: 2500 }, [first, second])).toMatchObject({ x: 2500 });
  });

  it('is the usual place when its display is gone, or its top is out of reach', () => {
    expect(placeOnDisplays({ ...place, x: 2500 }, [first])).toBeNull();
    expect(placeOnDisplays({ ...place, y: -500 }, [first])).toBeNull();
    expect(placeOnDisplays({ ...place, y: 1070 }, [first])).toBeNull();
    expect(placeOnDisplays(null, [first])).toBeNull();
  });
});
