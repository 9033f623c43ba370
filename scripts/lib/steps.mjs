/** Everything `npm test` runs, in order. A suite is listed when package.json has its script; neighbours of one `group` run two at a time. */
export const steps = [
  { name: 'lint', script: 'check:lint', repair: 'npx eslint --fix .', group: 'sources' },
  { name: 'lint of the tests', script: 'check:lint:tests', repair: 'npx eslint --fix test', group: 'sources' },
  { name: 'formatting', script: 'check:format', repair: 'npx prettier --write .', group: 'sources' },
  { name: 'types', script: 'check:types', group: 'sources' },
  { name: 'types on the oldest runtime', script: 'check:types:old', group: 'sources' },
  { name: 'import rules', script: 'check:imports', group: 'sources' },
  { name: 'dead code', script: 'check:dead', group: 'sources' },
  { name: 'unit', script: 'test:unit', counts: true },
  {
    name: 'interop',
    script: 'interop',
    group: 'peers',
    counts: true,
    programs: [
      'tgtd',
      'tgtadm',
      'tgtimg',
      'istgt',
      'iscsi-ls',
      'iscsi-test-cu',
      'qemu-img',
      'qemu-io',
      'tshark',
      'dumpcap',
    ],
    abilities: ['qemu-iscsi', 'recording'],
  },
  { name: 'conformance', script: 'conformance', programs: ['tgtd', 'istgt', 'iscsi-test-cu'], group: 'peers' },
  { name: 'hostile', script: 'hostile', counts: true, group: 'peers' },
  { name: 'trace against tshark', script: 'trace:verify', programs: ['tshark'], group: 'peers' },
  {
    name: 'e2e',
    script: 'e2e',
    counts: true,
    electron: true,
    window: true,
    programs: ['chromium|chromium-browser|google-chrome', 'tgtd', 'tgtadm', 'iscsi-ls', 'qemu-io', 'tshark', 'setpriv'],
  },
  { name: 'package', script: 'package', electron: true, linux: true },
  {
    name: 'packaged directory',
    script: 'smoke:packaged',
    counts: true,
    electron: true,
    window: true,
    linux: true,
    programs: ['setpriv'],
  },
];

/** Why a step cannot run on this machine, or null. `machine` answers what is there. */
export function obstacle(step, machine) {
  if (step.linux && machine.platform !== 'linux') return 'it is for Linux';
  if (step.electron && machine.noElectron !== null) return `there is no Electron. ${machine.noElectron}`;
  const missing = (step.programs ?? [])
    .map((names) => names.split('|'))
    .filter((names) => !names.some(machine.has))
    .map(([first]) => first);
  if (missing.length > 0) return `missing ${missing.map((name) => `${name} (${machine.howToGet(name)})`).join(', ')}`;
  const unable = (step.abilities ?? []).map(machine.lacks).filter((why) => why !== undefined);
  if (unable.length > 0) return unable.join('; ');
  if (step.window && !machine.canShowWindows)
    return `there is no display and no xvfb-run (${machine.howToGet('xvfb-run')})`;
  return null;
}
