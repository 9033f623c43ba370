import { discoverWithWarnings } from '../initiator/index.ts';
import { parseFlags } from './flags.ts';
import { note, print, printJson } from './io.ts';
import { portalFrom, SESSION_FLAGS } from './session-flags.ts';
import { endTrace, startTrace } from './with-session.ts';
import type { Verb } from './verb.ts';

/** Lists a portal's targets. */
export const DISCOVER: Verb = {
  usage: 'discover HOST[:PORT]',
  help: 'list the targets of a portal',
  flags: SESSION_FLAGS,
  async run(args, io) {
    const flags = parseFlags(args, SESSION_FLAGS, [0, 1]);
    const { portal, options } = await portalFrom(flags, io);
    const trace = await startTrace(flags, io);
    const found = await discoverWithWarnings(
      portal,
      trace === undefined ? options : { ...options, tap: trace.tap },
    ).finally(() => endTrace(trace, flags, io));
    if (flags.has('json')) {
      printJson(io, { portal, targets: found.targets, warnings: found.warnings });
      return 0;
    }
    for (const warning of found.warnings) note(io, `warning: ${warning}`);
    if (found.targets.length === 0) note(io, 'The portal answered, and offers this initiator no targets.');
    for (const target of found.targets) {
      print(io, target.name);
      for (const each of target.portals) {
        const host = each.host.includes(':') ? `[${each.host}]` : each.host;
        print(io, `  ${host}:${String(each.port)}${each.groupTag === null ? '' : `, group ${String(each.groupTag)}`}`);
      }
    }
    return 0;
  },
};
