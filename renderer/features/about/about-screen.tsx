import { Button } from '../../components/button.tsx';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import { useReady } from '../../lib/use-ready.ts';
import { useShell } from '../../state/shell-store.ts';

async function copy(text: string): Promise<void> {
  const answer = await request('clipboard.writeText', { text });
  if (answer.ok) toast('Copied what is running.');
}

/** What is running, in the words a bug report needs. */
export function AboutScreen() {
  const info = useShell((state) => state.info);
  useReady('about');
  if (info === null) return null;
  const rows: readonly (readonly [string, string])[] = [
    ['Version', info.devBuild ? `${info.version} (devbuild)` : info.version],
    ['Electron', info.electron ?? 'none'],
    ['Chromium', info.chrome ?? 'none'],
    ['Node', info.node],
    ['System', `${info.platform} ${info.arch}`],
  ];
  const report = [info.name, ...rows.map(([name, value]) => `${name}: ${value}`)].join('\n');
  return (
    <div className="page">
      <div className="page-head">
        <h1>{`About ${info.name}`}</h1>
      </div>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name} className="facts-row">
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="section">
        <Button onClick={() => void copy(report)}>Copy for a report</Button>
      </p>
    </div>
  );
}
