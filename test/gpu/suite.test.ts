import { engineSuite } from '../engine/suite.ts'
import { requireGpuEngine } from './require.ts'
import { SUITE_TOLERANCES } from './suitetolerances.ts'

engineSuite('WebGPU engine', requireGpuEngine, SUITE_TOLERANCES)
