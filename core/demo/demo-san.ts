import { delay, steadyNow } from '../node/platform.ts';
import { reachableHosts, urlHost } from '../node/reachable-hosts.ts';
import { TargetHost, type PortalOptions } from '../node/target-host.ts';
import type {
  KeepAlive,
  Portal,
  ServerLimits,
  ServerListener,
  SessionInfo,
  TargetDefinition,
} from '../target/index.ts';
import { ConcatStore, FaultStore, LogicalUnit, SparseStore, type BlockStore, type PortGroup } from '../target/index.ts';
import { archiveDisk, fourKnDisk, generatedDisk, gptDisk, mbrDisk, opticalDisc, textDisk, thinDisk } from './disks.ts';
import { LESSONS, type Lesson } from './lessons.ts';
import { applyScenario, SCENARIOS, type Scenario, type ScenarioId, type TroubleParts } from './scenarios.ts';

const PREFIX = 'iqn.2026-01.org.lunascope.demo';

/** What a demo SAN is started with. */
export interface DemoOptions {
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string;
  /** Ports of the two portals; free ones unless told otherwise. */
  readonly ports?: readonly [number, number];
  readonly keepAlive?: KeepAlive;
  readonly limits?: Partial<ServerLimits>;
}

/** A LUN of the demo SAN. */
export interface DemoLun {
  readonly lun: number;
  readonly title: string;
  readonly description: string;
  readonly blockSize: number;
  readonly blocks: bigint;
  readonly writable: boolean;
  /** iscsi:// URL through the first portal that leads there, without credentials. */
  readonly url: string;
}

/** What logs in to a protected target. */
export interface DemoCredentials {
  readonly user: string;
  readonly secret: string;
  /** What the target answers with in mutual CHAP. */
  readonly targetUser: string;
  readonly targetSecret: string;
}

/** A target of the demo SAN. */
export interface DemoTarget {
  /** The last part of its name. */
  readonly id: string;
  readonly name: string;
  readonly alias: string;
  readonly description: string;
  readonly credentials?: DemoCredentials;
  readonly luns: readonly DemoLun[];
}

/** The credentials of the protected target; they protect nothing and are shown. */
export const DEMO_CREDENTIALS: DemoCredentials = {
  user: 'demo-initiator',
  secret: 'open-sesame-2026',
  targetUser: 'demo-target',
  targetSecret: 'sesame-answers-2026',
};

/** A SAN of its own on this computer, for trying things out. */
export interface DemoSan {
  readonly portals: readonly Portal[];
  readonly targets: readonly DemoTarget[];
  readonly lessons: readonly Lesson[];
  readonly scenarios: readonly Scenario[];
  /** Whether a scenario is on. */
  isOn(id: ScenarioId): boolean;
  /** Switches a scenario, also while initiators are connected. */
  setScenario(id: ScenarioId, on: boolean): void;
  /** Initiators that are logged in. */
  sessions(): readonly SessionInfo[];
  /** Tells what initiators do until the function returned is called. */
  subscribe(listener: ServerListener): () => void;
  close(): Promise<void>;
}

interface UnitPlan {
  readonly title: string;
  readonly description: string;
  readonly unit: LogicalUnit;
}

interface TargetPlan {
  readonly id: string;
  readonly alias: string;
  readonly description: string;
  readonly luns: readonly UnitPlan[];
  readonly definition?: Partial<TargetDefinition>;
  readonly credentials?: DemoCredentials;
}

function unit(
  serial: string,
  product: string,
  store: BlockStore,
  more: {
    readonly readOnly?: boolean;
    readonly deviceType?: 'optical';
    readonly portGroups?: readonly PortGroup[];
    readonly physicalBlockExponent?: number;
  } = {},
): LogicalUnit {
  return new LogicalUnit({ store, identity: { product, serial, revision: '1.0' }, ...more });
}

function plan(): {
  readonly targets: readonly TargetPlan[];
  readonly faulty: FaultStore;
  readonly grown: FaultStore;
  readonly troubledUnit: LogicalUnit;
  readonly multipath: LogicalUnit;
} {
  const clock = { now: steadyNow, wait: delay };
  const base = textDisk('This disk can be made to fail.', 16 * 1024 * 1024);
  const faulty = new FaultStore(base, clock);
  const extra = new SparseStore({ blocks: (8 * 1024 * 1024) / base.blockSize, thin: false });
  const grown = new FaultStore(new ConcatStore([base, extra]), clock, faulty.faults);
  const troubledUnit = unit('DEMO-TRBL-0001', 'Troubled', faulty);
  const multipath = unit('DEMO-MPIO-0001', 'Two paths', textDisk('One disk, two paths.'), {
    portGroups: [
      { id: 1, ports: [1], state: 'activeOptimized', preferred: true },
      { id: 2, ports: [2], state: 'activeNonOptimized' },
    ],
  });
  const targets: TargetPlan[] = [
    {
      id: 'disks',
      alias: 'Disks of every kind',
      description: 'Partition tables, filesystems, block sizes and device types.',
      luns: [
        {
          title: 'GPT disk',
          description: 'A GPT with a FAT32 and an ext4 partition.',
          unit: unit('DEMO-GPT-0001', 'GPT disk', gptDisk()),
        },
        {
          title: 'MBR disk',
          description: 'An MBR with an NTFS partition.',
          unit: unit('DEMO-MBR-0001', 'MBR disk', mbrDisk()),
        },
        {
          title: '4Kn disk',
          description: 'Native blocks of 4096 bytes.',
          unit: unit('DEMO-4KN-0001', '4Kn disk', fourKnDisk()),
        },
        {
          title: 'Write-protected disk',
          description: 'A FAT12 disk without partitions that refuses writes.',
          unit: unit('DEMO-WP-0001', 'Archive', archiveDisk(), { readOnly: true }),
        },
        {
          title: 'Optical disc',
          description: 'A CD/DVD unit with an ISO 9660 filesystem.',
          unit: unit('DEMO-ODD-0001', 'Data disc', opticalDisc(), { deviceType: 'optical' }),
        },
      ],
    },
    {
      id: 'huge',
      alias: 'Beyond four gigablocks',
      description: 'Disks whose size 32-bit addresses cannot name.',
      luns: [
        {
          title: 'Thin 8 TiB disk',
          description: 'Thin provisioned, nearly empty.',
          unit: unit('DEMO-THIN-0001', 'Thin 8 TiB', thinDisk()),
        },
        {
          title: '8 EiB of generated content',
          description: 'Read-only; every block holds its own address.',
          unit: unit('DEMO-8EIB-0001', 'Generated 8 EiB', generatedDisk()),
        },
      ],
    },
    {
      id: 'vault',
      alias: 'Behind CHAP',
      description: 'Wants a name and a secret, and can prove itself in turn.',
      credentials: DEMO_CREDENTIALS,
      definition: {
        auth: {
          kind: 'chap',
          accounts: new Map([[DEMO_CREDENTIALS.user, DEMO_CREDENTIALS.secret]]),
          mutual: { user: DEMO_CREDENTIALS.targetUser, secret: DEMO_CREDENTIALS.targetSecret },
        },
      },
      luns: [
        {
          title: 'Vault',
          description: 'Only for those who know the secret.',
          unit: unit('DEMO-CHAP-0001', 'Vault', textDisk('The secret was right.')),
        },
      ],
    },
    {
      id: 'multipath',
      alias: 'One disk over two portals',
      description: 'Seen through both portals, with unequal access states (ALUA).',
      definition: { offers: { maxConnections: 4 } },
      luns: [{ title: 'Multipath disk', description: 'Two target port groups lead here.', unit: multipath }],
    },
    {
      id: 'troubled',
      alias: 'Trouble on demand',
      description: 'Fails in the ways real storage fails, when told to.',
      luns: [
        {
          title: 'Troubled disk',
          description: 'Switch scenarios on and off while connected.',
          unit: troubledUnit,
        },
      ],
    },
  ];
  return { targets, faulty, grown, troubledUnit, multipath };
}

/** Starts the demo SAN: two portals, five targets, always the same content. */
export async function startDemoSan(options: DemoOptions = {}): Promise<DemoSan> {
  const { host = '127.0.0.1', ports = [0, 0], keepAlive, limits } = options;
  const { targets, faulty, grown, troubledUnit, multipath } = plan();
  const portals: readonly PortalOptions[] = ports.map((port, index) => ({ host, port, groupTag: index + 1 }));
  const running = await TargetHost.start({
    portals,
    ...(keepAlive === undefined ? {} : { keepAlive }),
    ...(limits === undefined ? {} : { limits }),
    targets: targets.map(({ id, alias, luns, definition }) => ({
      name: `${PREFIX}:${id}`,
      alias,
      luns: luns.map(({ unit: each }, lun) => ({ lun, unit: each })),
      ...definition,
    })),
  });
  const troubled = running.server.target(`${PREFIX}:troubled`);
  if (troubled === undefined) throw new Error('The demo SAN has no troubled target.');
  const parts: TroubleParts = { faults: faulty.faults, troubled, multipath, troubledUnit, small: faulty, grown };
  const on = new Set<ScenarioId>();
  const [first] = running.portals;
  const reachable = urlHost(reachableHosts(host)[0]);
  const where = first === undefined ? reachable : `${reachable}:${String(first.port)}`;
  return {
    portals: [...running.portals],
    targets: targets.map(({ id, alias, description, credentials, luns }) => ({
      id,
      name: `${PREFIX}:${id}`,
      alias,
      description,
      ...(credentials === undefined ? {} : { credentials }),
      luns: luns.map(({ title, description: text, unit: { store, writeProtected } }, lun) => ({
        lun,
        title,
        description: text,
        blockSize: store.blockSize,
        blocks: store.blocks,
        writable: !writeProtected,
        url: `iscsi://${where}/${PREFIX}:${id}/${String(lun)}`,
      })),
    })),
    lessons: LESSONS,
    scenarios: SCENARIOS,
    isOn: (id) => on.has(id),
    setScenario: (id, wanted) => {
      if (on.has(id) === wanted) return;
      if (wanted) on.add(id);
      else on.delete(id);
      applyScenario(id, parts, wanted);
    },
    sessions: () => running.server.sessions,
    subscribe: (listener) => running.server.subscribe(listener),
    close: () => running.close(),
  };
}
