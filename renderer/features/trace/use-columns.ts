import {
  columnOrderingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
} from '@tanstack/react-table';
import { useMemo } from 'react';
import { setTracePrefs, useTraceLibrary } from '../../state/trace-store.ts';
import { columnsOf, type Line, type ListMode, type TraceColumn } from './columns.tsx';

const features = tableFeatures({ columnOrderingFeature, columnSizingFeature, columnVisibilityFeature });
const NO_ROWS: Line[] = [];
const LEAST = 36;
const MOST = 1200;

/** A column as it stands now. */
export interface PlacedColumn {
  readonly column: TraceColumn;
  readonly width: number;
}

/** The columns of a list: which are shown, in which order, how wide; kept for the next time. */
export interface Columns {
  readonly shown: readonly PlacedColumn[];
  readonly all: readonly { readonly column: TraceColumn; readonly visible: boolean }[];
  readonly width: number;
  readonly resize: (id: string, width: number) => void;
  readonly toggle: (id: string) => void;
  readonly move: (id: string, by: 1 | -1) => void;
  readonly reset: () => void;
}

export function useColumns(mode: ListMode): Columns {
  const all = columnsOf(mode);
  const kept = useTraceLibrary(({ prefs }) => prefs.columns[mode]);
  const defs = useMemo(
    () =>
      columnsOf(mode).map((column): ColumnDef<typeof features, Line> => ({
        id: column.id,
        header: column.label,
        size: column.width,
        minSize: LEAST,
        maxSize: MOST,
      })),
    [mode],
  );
  const hidden = kept?.hidden ?? all.filter((column) => column.hidden === true).map(({ id }) => id);
  const ids = all.map(({ id }) => id);
  const order = [...(kept?.order ?? []).filter((id) => ids.includes(id))];
  for (const id of ids) if (!order.includes(id)) order.push(id);
  const table = useTable<typeof features, Line>({
    features,
    columns: defs,
    data: NO_ROWS,
    state: {
      columnOrder: order,
      columnSizing: kept?.widths ?? {},
      columnVisibility: Object.fromEntries(ids.map((id) => [id, !hidden.includes(id)])),
    },
  });
  const keep = (change: Partial<{ order: string[]; hidden: string[]; widths: Record<string, number> }>): void => {
    const { columns } = useTraceLibrary.getState().prefs;
    const now = { order, hidden, widths: kept?.widths ?? {} };
    setTracePrefs({ columns: { ...columns, [mode]: { ...now, ...change } } });
  };
  const byId = new Map(all.map((column) => [column.id, column]));
  const shown = table.getVisibleLeafColumns().flatMap((leaf): PlacedColumn[] => {
    const column = byId.get(leaf.id);
    return column === undefined ? [] : [{ column, width: leaf.getSize() }];
  });
  return {
    shown,
    all: order.flatMap((id) => {
      const column = byId.get(id);
      return column === undefined ? [] : [{ column, visible: !hidden.includes(id) }];
    }),
    width: shown.reduce((sum, { width }) => sum + width, 0),
    resize: (id, width) =>
      keep({ widths: { ...kept?.widths, [id]: Math.max(LEAST, Math.min(MOST, Math.round(width))) } }),
    toggle: (id) => {
      const next = hidden.includes(id) ? hidden.filter((other) => other !== id) : [...hidden, id];
      if (next.length < ids.length) keep({ hidden: next });
    },
    move: (id, by) => {
      const at = order.indexOf(id);
      const to = at + by;
      if (to < 0 || to >= order.length) return;
      const next = [...order];
      next.splice(at, 1);
      next.splice(to, 0, id);
      keep({ order: next });
    },
    reset: () => {
      const { columns } = useTraceLibrary.getState().prefs;
      setTracePrefs({ columns: Object.fromEntries(Object.entries(columns).filter(([name]) => name !== mode)) });
    },
  };
}
