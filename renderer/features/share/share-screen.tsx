import { FolderOpen, Square } from 'lucide-react';
import { useState } from 'react';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { SharedImage } from '../../../electron/contract/share.ts';
import { Button } from '../../components/button.tsx';
import { CopyText } from '../../components/copy-text.tsx';
import { CheckField, ChoiceField, TextField } from '../../components/fields.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { useReady } from '../../lib/use-ready.ts';
import { useShares } from '../../state/shares-store.ts';

const REACH = [
  { value: '127.0.0.1', label: 'This computer only' },
  { value: '0.0.0.0', label: 'The network (IPv4)' },
  { value: '::', label: 'The network (IPv6 and IPv4)' },
] as const;
const BLOCKS = [
  { value: '512', label: '512' },
  { value: '2048', label: '2048' },
  { value: '4096', label: '4096' },
] as const;

function Shared({ share }: { readonly share: SharedImage }) {
  return (
    <section className="section">
      <div className="page-head">
        <div className="page-head-text">
          <p className="mono wrap">{share.path}</p>
          <p className="muted">
            {`${formatBytes(BigInt(share.bytes))} in blocks of ${share.blockSize}, ${share.writable ? 'writable' : 'read-only'}, ${
              share.chapUser === null ? 'without authentication' : `CHAP as ${share.chapUser}`
            }`}
          </p>
          <CopyText text={share.url} what="iscsi:// link" />
        </div>
        <span className="page-spring" />
        <Button onClick={() => void request('share.stop', { id: share.id })}>
          <Square size={13} aria-hidden /> Stop sharing
        </Button>
      </div>
      {share.initiators.length === 0 ? (
        <p className="muted">No initiator is signed in.</p>
      ) : (
        <table className="table" aria-label="Initiators signed in">
          <thead>
            <tr>
              <th scope="col">Initiator</th>
              <th scope="col">From</th>
              <th scope="col" className="number">
                Commands
              </th>
              <th scope="col" className="number">
                Read
              </th>
              <th scope="col" className="number">
                Written
              </th>
            </tr>
          </thead>
          <tbody>
            {share.initiators.map(({ name, isid, from, commands, bytesRead, bytesWritten }) => (
              <tr key={name + isid}>
                <td className="mono" title={`ISID ${isid}`}>
                  {name}
                </td>
                <td className="mono">{from.join(', ')}</td>
                <td className="number">{formatCount(BigInt(commands))}</td>
                <td className="number">{formatBytes(BigInt(bytesRead))}</td>
                <td className="number">{formatBytes(BigInt(bytesWritten))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {share.commands.length === 0 ? null : (
        <table className="table" aria-label="Latest commands">
          <thead>
            <tr>
              <th scope="col">Latest commands</th>
              <th scope="col">Status</th>
              <th scope="col">Initiator</th>
            </tr>
          </thead>
          <tbody>
            {share.commands.map(({ n, initiator, text, status }) => (
              <tr key={n}>
                <td>{text}</td>
                <td>{status}</td>
                <td className="mono">{initiator}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Shares an image file as a target of this program, and lists who uses it. */
export function ShareScreen() {
  useReady('share');
  const shares = useShares((store) => store.shares);
  const [path, setPath] = useState<string | null>(null);
  const [host, setHost] = useState<(typeof REACH)[number]['value']>('127.0.0.1');
  const [port, setPort] = useState('3260');
  const [blockSize, setBlockSize] = useState<(typeof BLOCKS)[number]['value']>('512');
  const [optical, setOptical] = useState(false);
  const [writable, setWritable] = useState(false);
  const [user, setUser] = useState('');
  const [secret, setSecret] = useState('');
  const [names, setNames] = useState('');
  const [error, setError] = useState<WireError | null>(null);
  const choose = async (): Promise<void> => {
    const answer = await request('share.chooseImage', undefined);
    if (!answer.ok || answer.value.path === null) return;
    setPath(answer.value.path);
    setOptical(/\.iso$/i.test(answer.value.path));
    if (/\.iso$/i.test(answer.value.path)) setBlockSize('2048');
  };
  const start = async (): Promise<void> => {
    if (path === null) return;
    const answer = await request('share.start', {
      path,
      host,
      port: Number(port),
      blockSize: Number(blockSize) as 512 | 2048 | 4096,
      optical,
      writable: writable && !optical,
      chap: user === '' ? null : { user, secret },
      initiators: names.split(/[\s,]+/).filter((name) => name !== ''),
    });
    setError(answer.ok ? null : answer.error);
    if (answer.ok) setPath(null);
  };
  const portIsGood = /^\d+$/.test(port) && Number(port) <= 65535;
  const ready = path !== null && portIsGood && (user === '') === (secret === '');
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Share an image</h1>
          <p className="page-lead">
            Any initiator that may reach this computer can use the file as a LUN, until you stop sharing or close the
            program. It is read-only unless you say otherwise.
          </p>
        </div>
      </div>
      <div className="form">
        <div className="form-actions">
          <Button primary={path === null} onClick={() => void choose()}>
            <FolderOpen size={13} aria-hidden /> Choose an image
          </Button>
          <span className="mono wrap">{path ?? ''}</span>
        </div>
        <div className="form-row">
          <ChoiceField label="Who can reach it" value={host} choices={REACH} onChange={setHost} />
          <TextField
            label="Port"
            mono
            numeric
            width="short"
            value={port}
            error={portIsGood ? null : '0 to 65535'}
            onChange={setPort}
          />
          <ChoiceField label="Block size" value={blockSize} choices={BLOCKS} onChange={setBlockSize} />
        </div>
        <CheckField label="Share as a CD/DVD" checked={optical} onChange={setOptical} />
        {optical ? null : (
          <CheckField label="Let initiators write to the file" checked={writable} onChange={setWritable} />
        )}
        <div className="form-row">
          <TextField label="CHAP name (empty for none)" mono width="medium" value={user} onChange={setUser} />
          <TextField label="CHAP secret" secret width="medium" value={secret} onChange={setSecret} />
        </div>
        <TextField label="Initiator names let in (empty for all)" mono value={names} onChange={setNames} />
        <div className="form-actions">
          <Button primary={path !== null} disabled={!ready} onClick={() => void start()}>
            Share
          </Button>
          {(user === '') === (secret === '') ? null : <span className="muted">CHAP needs a name and a secret.</span>}
        </div>
      </div>
      {error === null ? null : <ErrorNotice error={error} about={`Sharing ${path ?? ''}`} />}
      {shares.map((share) => (
        <Shared key={share.id} share={share} />
      ))}
    </div>
  );
}
