import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { FactField } from '../../electron/contract/luns.ts';
import { InspectorContent } from './slots.tsx';
import './field-bytes.css';

const PER_ROW = 16;
const LEAST_PRINTED = 0x20;
const MOST_PRINTED = 0x7e;

interface Row {
  readonly field: FactField;
  readonly level: number;
}

function flatten(field: FactField): Row[] {
  const rows: Row[] = [];
  const walk = (node: FactField, level: number): void => {
    rows.push({ field: node, level });
    for (const child of node.children) walk(child, level + 1);
  };
  for (const child of field.children) walk(child, 1);
  return rows;
}

const bytesOf = (hex: string): number[] => (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
const character = (byte: number): string =>
  byte >= LEAST_PRINTED && byte <= MOST_PRINTED ? String.fromCharCode(byte) : '.';
const placeWords = ({ offset, length, bits }: FactField): string =>
  `byte ${offset}${length > 1 ? ` to ${offset + length - 1}` : ''}${bits === null ? '' : `, bit ${bits}`}`;

/** What the mouse tells of a field: where it is, what it means, which clause says so. */
const hoverWords = (field: FactField): string =>
  [placeWords(field), field.meaning, field.malformed, field.clause].filter((words) => words !== null).join('\n');

function BytesView({
  bytes,
  chosen,
  onChoose,
}: {
  readonly bytes: readonly number[];
  readonly chosen: FactField | null;
  readonly onChoose: (offset: number) => void;
}) {
  const rows = Array.from({ length: Math.ceil(bytes.length / PER_ROW) }, (_, at) => at * PER_ROW);
  const lit = (at: number): boolean => chosen !== null && at >= chosen.offset && at < chosen.offset + chosen.length;
  return (
    <div className="bytes mono" aria-label="Bytes" role="group" tabIndex={0}>
      {rows.map((start) => (
        <div key={start} className="bytes-row">
          <span className="bytes-offset">{start.toString(16).padStart(4, '0')}</span>
          <span className="bytes-hex">
            {bytes.slice(start, start + PER_ROW).map((byte, at) => (
              <span
                key={start + at}
                className="byte"
                data-lit={lit(start + at)}
                data-zero={byte === 0}
                onClick={() => onChoose(start + at)}
              >
                {byte.toString(16).padStart(2, '0')}
              </span>
            ))}
          </span>
          <span className="bytes-text">
            {bytes.slice(start, start + PER_ROW).map((byte, at) => (
              <span key={start + at} data-lit={lit(start + at)}>
                {character(byte)}
              </span>
            ))}
          </span>
        </div>
      ))}
    </div>
  );
}

/** One field with everything that is known of it, for the inspector. */
function FieldFacts({ field, bytes }: { readonly field: FactField; readonly bytes: readonly number[] }) {
  const own = bytes.slice(field.offset, field.offset + field.length);
  const rows: readonly (readonly [string, string])[] = [
    ['Field', field.label],
    ['Value', field.text],
    ['Place', placeWords(field)],
    ['Bytes', own.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')],
    ['Meaning', field.meaning ?? ''],
    ['Trouble', field.malformed ?? ''],
    ['Clause', field.clause ?? ''],
  ];
  return (
    <dl className="facts field-facts">
      {rows
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name} className="facts-row">
            <dt>{name}</dt>
            <dd className={name === 'Bytes' || name === 'Value' ? 'mono wrap' : 'wrap'}>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Decoded fields beside the bytes they stand for; choosing one lights the other. */
export function FieldBytes({
  tree,
  hex,
  label,
}: {
  readonly tree: FactField;
  readonly hex: string;
  readonly label: string;
}) {
  const rows = useMemo(() => flatten(tree), [tree]);
  const bytes = useMemo(() => bytesOf(hex), [hex]);
  const [at, setAt] = useState<number | null>(null);
  const table = useRef<HTMLDivElement>(null);
  const chosen = at === null ? null : (rows[at]?.field ?? null);
  const choose = (index: number): void => {
    setAt(index);
    table.current?.querySelectorAll('[role="row"]')[index]?.scrollIntoView({ block: 'nearest' });
  };
  const chooseByte = (offset: number): void => {
    let best = -1;
    for (const [index, { field }] of rows.entries()) {
      const holds = offset >= field.offset && offset < field.offset + field.length;
      const before = rows[best]?.field;
      if (holds && (before === undefined || field.length <= before.length)) best = index;
    }
    if (best !== -1) choose(best);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: (at ?? -1) + 1,
      ArrowUp: (at ?? 1) - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(rows.length - 1, next)));
  };
  return (
    <div className="field-bytes">
      {chosen === null ? null : (
        <InspectorContent>
          <FieldFacts field={chosen} bytes={bytes} />
        </InspectorContent>
      )}
      <div
        className="fields"
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length}
        aria-activedescendant={at === null ? undefined : `${label}-${at}`.replaceAll(/\W/g, '-')}
        tabIndex={0}
        ref={table}
        onKeyDown={onKeyDown}
      >
        {rows.map(({ field, level }, index) => (
          <div
            key={index}
            id={`${label}-${index}`.replaceAll(/\W/g, '-')}
            role="row"
            aria-rowindex={index + 1}
            aria-selected={index === at}
            className="field-row"
            title={hoverWords(field)}
            onClick={() => setAt(index)}
          >
            <span role="gridcell" className="field-name" style={{ paddingLeft: (level - 1) * 14 }}>
              {field.label}
            </span>
            <span role="gridcell" className="field-value mono" data-bad={field.malformed !== null}>
              {field.text}
            </span>
          </div>
        ))}
      </div>
      <div className="bytes-side">
        <BytesView bytes={bytes} chosen={chosen} onChoose={chooseByte} />
        <p className="field-words" role="status">
          {chosen === null ? (
            <span className="muted">Choose a field or a byte to see which belongs to which.</span>
          ) : (
            <>
              <span className="mono">{placeWords(chosen)}</span>
              {chosen.meaning === null ? '' : `. ${chosen.meaning}`}
              {chosen.malformed === null ? '' : ` ${chosen.malformed}`}
              {chosen.clause === null ? null : <span className="muted">{` ${chosen.clause}`}</span>}
            </>
          )}
        </p>
      </div>
    </div>
  );
}
