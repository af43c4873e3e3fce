import type { FunctionRow } from '../row.js';
import { layoutRows } from './layout.cases.js';
import { lookupRows } from './lookup.cases.js';

export const indexRows: FunctionRow[] = [...layoutRows, ...lookupRows];
