import { spawnSync } from 'node:child_process';
import { which } from './run.mjs';
import { howToGet } from './system.mjs';

/** Runs an installed program and gives its exit code and what it said of errors. */
function ask(name, args) {
  const { status, stderr } = spawnSync(which(name) ?? name, args, { encoding: 'utf8', timeout: 10_000 });
  return { status, said: stderr ?? '' };
}

/** What a suite needs of a program beyond its being there; the program itself is asked. */
const abilities = {
  'qemu-iscsi': {
    // A link that names nothing: whoever has the driver finds fault with the link, and no network is touched.
    there: () => !/Unknown protocol/.test(ask('qemu-img', ['info', 'iscsi://']).said),
    sentence: () => `qemu-img cannot open iscsi:// links (${howToGet('qemu-iscsi')})`,
  },
  recording: {
    there: () => ask('dumpcap', ['-i', 'lo', '-L']).status === 0,
    sentence: () =>
      'this user may not record packets (be root, or: setcap cap_net_raw,cap_net_admin+eip "$(which dumpcap)")',
  },
};

/** Why this machine has not got an ability, in words; undefined where it has. */
export function lacks(name) {
  const { there, sentence } = abilities[name];
  return there() ? undefined : sentence();
}
