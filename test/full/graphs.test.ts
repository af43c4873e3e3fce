// Random compiled programs, many more than in the quick suite.
import { graphTests } from '../jit/graphs.js';

graphTests(2000);
