import {
  columnOrderingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
} from '@tanstack/react-table';
import { useMemo } from 'react';
import type { TracePrefs } from '../../../electron/contract/trace.ts';
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
  /** As narrow as it gets. */
  readonly least: number;
}

/** The columns of a list: which are shown, in which order, how wide; kept for the next time. */
export interface Columns {
  readonly shown: readonly PlacedColumn[];
  /** The names of those. */
  readonly names: ReadonlySet<string>;
  readonly all: readonly (PlacedColumn & { readonly visible: boolean })[];
  /** The least they take together; with less room they scroll sideways. */
  readonly width: number;
  readonly resize: (id: string, width: number) => void;
  readonly toggle: (id: string) => void;
  readonly move: (id: string, by: 1 | -1) => void;
  readonly reset: () => void;
}

type Kept = TracePrefs['columns'][string];

function arrangement(mode: ListMode, kept: Kept | undefined) {
  const all = columnsOf(mode);
  const ids = all.map(({ id }) => id);
  const order = (kept?.order ?? []).filter((id) => ids.includes(id));
  for (const id of ids) if (!order.includes(id)) order.push(id);
  const hidden =
    kept?.hidden ?? all.filter(({ hidden: where }) => where === 'both' || where === mode).map(({ id }) => id);
  return { order, hidden, widths: kept?.widths ?? {}, byId: new Map(all.map((column) => [column.id, column])) };
}

/** A column that the person has sized keeps its width. */
function placed(column: TraceColumn, widths: Kept['widths']): PlacedColumn {
  const own = widths[column.id];
  const width = own ?? column.width;
  return { column, width, least: own ?? column.least ?? column.width };
}

/** The columns of a list as the person has set them up. */
export function useColumns(mode: ListMode): Columns {
  const kept = useTraceLibrary(({ prefs }) => prefs.columns[mode]);
  const { defs, state } = useMemo(() => {
    const { order, hidden, widths, byId } = arrangement(mode, kept);
    return {
      defs: [...byId.values()].map((column): ColumnDef<typeof features, Line> => ({
        id: column.id,
        header: column.label,
        size: column.width,
        minSize: LEAST,
        maxSize: MOST,
      })),
      state: {
        columnOrder: order,
        columnSizing: widths,
        columnVisibility: Object.fromEntries(order.map((id) => [id, !hidden.includes(id)])),
      },
    };
  }, [mode, kept]);
  const table = useTable<typeof features, Line>({ features, columns: defs, data: NO_ROWS, state });
  // The same as long as nothing of it changes: every line of a list is drawn by it.
  return useMemo(() => {
    const { order, hidden, widths, byId } = arrangement(mode, kept);
    const keep = (change: Partial<Kept>): void => {
      const { columns } = useTraceLibrary.getState().prefs;
      setTracePrefs({ columns: { ...columns, [mode]: { order, hidden, widths, ...change } } });
    };
    const shown = table.getVisibleLeafColumns().flatMap((leaf): PlacedColumn[] => {
      const column = byId.get(leaf.id);
      return column === undefined ? [] : [placed(column, widths)];
    });
    return {
      shown,
      names: new Set(shown.map(({ column }) => column.id)),
      all: order.flatMap((id) => {
        const column = byId.get(id);
        return column === undefined ? [] : [{ ...placed(column, widths), visible: !hidden.includes(id) }];
      }),
      width: shown.reduce((sum, { least }) => sum + least, 0),
      resize: (id, width) => keep({ widths: { ...widths, [id]: Math.max(LEAST, Math.min(MOST, Math.round(width))) } }),
      toggle: (id) => {
        const next = hidden.includes(id) ? hidden.filter((other) => other !== id) : [...hidden, id];
        if (next.length < order.length) keep({ hidden: next });
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
  }, [mode, kept, table]);
}
