import { createContext } from 'react';

/** The tab a component stands in. */
export const TabContext = createContext<{ readonly id: string; readonly active: boolean }>({ id: '', active: true });
