import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exportPcapng, type ExportOptions, type Trace } from '../../../core/trace/index.ts';
import { sectionBlock } from '../../../core/trace/export/pcapng-writer.ts';
import { join } from '../../trace/packet-builder.ts';
import { cleanScene, readTrace } from './scene.ts';

const write = (trace: Trace, options: ExportOptions = {}): Uint8Array =>
  Uint8Array.from([...exportPcapng(trace, options)].flatMap((block) => [...block]));
const commentOf = (trace: Trace): string => new TextDecoder().decode(write(trace).subarray(0, 600));
const shareHash = (value: string): Uint8Array => createHash('sha256').update(value).digest();
const SAFE = 'Safe to share';

describe('what an export says of itself', () => {
  const trace = cleanScene().trace();
  const [plain, safe] = [write(trace), write(trace, { shareHash })];

  it('is kept where it is written again', () => {
    expect(commentOf(readTrace(safe).trace)).toContain(SAFE);
    expect(commentOf(readTrace(join(safe, safe)).trace)).toContain(SAFE);
    expect(commentOf(readTrace(plain).trace)).not.toContain(SAFE);
  });

  it('names what is not as it was', () => {
    const said = (options: ExportOptions): string => new TextDecoder().decode(write(trace, options).subarray(0, 800));
    expect(said({})).toContain('those of the trace; TCP');
    expect(said({ shareHash })).toContain('those of the trace, but for what follows;');
    expect(said({ serverPort: 3260 })).not.toContain('another port');
    expect(said({ serverPort: 860 })).toContain('those of the trace, but for what follows;');
    expect(said({ serverPort: 860 })).toContain('1 connections have another port of their target here');
  });

  it('is not said of other sections behind it or before it', () => {
    const foreign = sectionBlock('dumpcap', '');
    for (const mixed of [join(safe, plain), join(plain, safe), join(foreign, safe), join(safe, foreign, safe)])
      expect(commentOf(readTrace(mixed).trace)).not.toContain(SAFE);
  });
});
