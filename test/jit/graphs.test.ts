import { graphTests } from './graphs.js';

graphTests(Number(process.env.ADJOINT_GRAPHS ?? 200));
