export {
  DEMO_CREDENTIALS,
  startDemoSan,
  type DemoCredentials,
  type DemoLun,
  type DemoOptions,
  type DemoSan,
  type DemoTarget,
} from './demo-san.ts';
export { LESSONS, type Lesson } from './lessons.ts';
export { SCENARIOS, type Scenario, type ScenarioId } from './scenarios.ts';
