import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import { Empty } from '../../components/empty.tsx';
import { runCommand } from '../../state/commands.ts';
import { useFindings, type Finding } from '../../state/findings-store.ts';

const ICONS = {
  error: <CircleAlert size={14} className="err" aria-label="Error" />,
  warning: <TriangleAlert size={14} className="warn" aria-label="Warning" />,
  info: <Info size={14} className="info" aria-label="Note" />,
};
const ORDER = { error: 0, warning: 1, info: 2 };

function Row({ finding }: { readonly finding: Finding }) {
  return (
    <li className="finding">
      {ICONS[finding.severity]}
      <div className="job-words">
        <span className="job-title">{finding.title}</span> <span className="muted selectable">{finding.detail}</span>
      </div>
      {finding.open === undefined ? null : (
        <button type="button" className="link" onClick={finding.open}>
          Show
        </button>
      )}
    </li>
  );
}

/** What deserves attention, the worst first. */
export function FindingsPanel() {
  const bySource = useFindings((store) => store.bySource);
  const all = [...bySource.values()].flat().sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  if (all.length === 0) {
    return (
      <Empty compact action={{ label: 'Open a capture', run: () => runCommand('capture.open') }}>
        Nothing stands out. Odd negotiations, doubled identifiers, lost sessions and path trouble are listed here.
      </Empty>
    );
  }
  return (
    <ul className="jobs-list">
      {all.map((finding) => (
        <Row key={finding.id} finding={finding} />
      ))}
    </ul>
  );
}
