import { useState } from 'react';
import { COPY_FORMS, type CopyForm } from '../../../core/browser.ts';
import type { Checksums } from '../../../electron/contract/blocks.ts';
import type { Answer, WireError } from '../../../electron/contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { CopyText } from '../../components/copy-text.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCountOf } from '../../lib/format.ts';
import { showPanel } from '../../state/shell-store.ts';
import { copySelection, FORMS, type PlaceProps } from './copy-selection.ts';
import { useImages } from './images.ts';
import { usePart } from './use-view.ts';
import './panels.css';

const STATES = {
  running: 'running',
  paused: 'paused',
  waiting: 'waiting for the connection',
  interrupted: 'unfinished',
  done: 'whole',
} as const;

const MOST_NAMED = 50;

/** The first of the unreadable blocks, how many more there are, and where all are listed. */
export function unreadableText(bad: readonly string[], count: number, path: string): string {
  const named = bad.slice(0, MOST_NAMED).join(', ');
  return count <= MOST_NAMED ? named : `${named} and ${count - MOST_NAMED} more; all are in ${path}.report.json`;
}

function Images({ view, place }: PlaceProps) {
  const images = useImages((store) => store.images).filter(({ identity }) => identity === view.facts.identity);
  if (images.length === 0) return null;
  const told = (answer: Answer<undefined>): void => {
    if (!answer.ok) toast(answer.error.message);
  };
  return (
    <section className="section">
      <h2>Images</h2>
      <ul className="hex-images">
        {images.map(({ path, state, progress, badBlocks, bad, sha256, error, blocks }) => (
          <li key={path}>
            <p className="mono hex-path" title={path}>
              {path}
            </p>
            <p className="muted">
              {`${STATES[state]}, ${(progress * 100).toFixed(1)}% of ${formatBytes(BigInt(blocks) * BigInt(view.blockSize))}`}
              {badBlocks > 0 ? `, ${formatCountOf(BigInt(badBlocks), 'block')} unreadable and filled with zeros` : ''}
            </p>
            {bad.length > 0 ? (
              <p className="mono selectable hex-bad">{`Unreadable: ${unreadableText(bad, badBlocks, path)}`}</p>
            ) : null}
            {sha256 === null ? null : <CopyText text={sha256} what="SHA-256 of the image" />}
            {error === null ? null : <ErrorNotice error={error} />}
            <div className="hex-actions">
              {state === 'running' || state === 'waiting' ? (
                <Button onClick={() => void request('blocks.pause', { path, paused: true }).then(told)}>Pause</Button>
              ) : null}
              {state === 'paused' ? (
                <Button onClick={() => void request('blocks.pause', { path, paused: false }).then(told)}>Go on</Button>
              ) : null}
              {state === 'interrupted' ? (
                <Button onClick={() => void request('blocks.resume', { ...place, path }).then(told)}>Resume</Button>
              ) : null}
              {state === 'interrupted' || state === 'done' ? (
                <Button onClick={() => void request('blocks.forget', { path }).then(told)}>Take off the list</Button>
              ) : null}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What can be taken away: a copy, an image, a checksum. */
export function TakePanel({ view, place }: PlaceProps) {
  usePart(view, (state) => state.selection);
  const { offset, length } = view.range;
  const [form, setForm] = useState<CopyForm>('hex');
  const [sums, setSums] = useState<{ readonly of: string; readonly value: Checksums } | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const block = BigInt(view.blockSize);
  const firstLba = offset / block;
  const blocks = (offset + length + block - 1n) / block - firstLba;

  const save = async (first: bigint, count: bigint): Promise<void> => {
    setError(null);
    const answer = await request('blocks.save', { ...place, firstLba: String(first), blocks: String(count) });
    if (!answer.ok) setError(answer.error);
    else if (answer.value.path !== null) showPanel('jobs');
  };
  const checksum = async (): Promise<void> => {
    setError(null);
    const answer = await request('blocks.checksum', { ...place, offset: String(offset), length: String(length) });
    if (answer.ok)
      setSums({ of: `${formatCountOf(length, 'byte')} from 0x${offset.toString(16)}`, value: answer.value });
    else setError(answer.error);
  };
  return (
    <div className="hex-take">
      <section>
        <h2>Selection</h2>
        <p className="mono">{`0x${offset.toString(16)}, ${formatCountOf(length, 'byte')}`}</p>
        <div className="hex-actions">
          <select
            className="input hex-choose"
            aria-label="Copy as"
            value={form}
            onChange={(event) => setForm(COPY_FORMS.find((each) => each === event.target.value) ?? 'hex')}
          >
            {COPY_FORMS.map((each) => (
              <option key={each} value={each}>
                {FORMS[each]}
              </option>
            ))}
          </select>
          <Button onClick={() => void copySelection({ view, place }, form)}>Copy</Button>
        </div>
        <div className="hex-actions">
          <Button onClick={() => void checksum()}>Checksum</Button>
          <Button onClick={() => void save(firstLba, blocks)}>
            {blocks === 1n ? 'Save this block' : `Save ${formatCountOf(blocks, 'block')}`}
          </Button>
          <Button onClick={() => void save(0n, BigInt(view.facts.blocks))}>Save the whole LUN</Button>
        </div>
        {sums === null ? null : (
          <dl className="facts hex-sums">
            <dt>Of</dt>
            <dd className="mono">{sums.of}</dd>
            <dt>SHA-256</dt>
            <dd>
              <CopyText text={sums.value.sha256} what="SHA-256" />
            </dd>
            <dt>SHA-1</dt>
            <dd>
              <CopyText text={sums.value.sha1} what="SHA-1" />
            </dd>
            <dt>MD5</dt>
            <dd>
              <CopyText text={sums.value.md5} what="MD5" />
            </dd>
          </dl>
        )}
        {error === null ? null : <ErrorNotice error={error} />}
      </section>
      <Images view={view} place={place} />
    </div>
  );
}
