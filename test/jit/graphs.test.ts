import { setting } from '../environment.js';
import { graphTests } from './graphs.js';

graphTests(Number(setting('ADJOINT_GRAPHS') ?? 200));
