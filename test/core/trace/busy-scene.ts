import { Scene } from './scene.ts';

/** Reads, of which some end late, some fail and some never end. */
export function busyScene(commands: number): Scene {
  const scene = new Scene().login();
  const open: number[] = [];
  for (let n = 0; n < commands; n += 1) {
    const itt = scene.command([0x28, 0, 0, 0, 0, n & 255, 0, 0, 1], { read: true, expectedDataTransferLength: 512 });
    if (n % 5 === 0) open.push(itt);
    else scene.respond(itt, n % 3 === 0 ? 2 : 0);
    const late = open.length > 3 ? open.shift() : undefined;
    if (late !== undefined && n % 7 !== 0) scene.respond(late, 2);
  }
  return scene;
}
