export { settingsMarkdown } from './document.js';
export { errorForLog, logSerializers } from './log.js';
export { type Running, runProcess } from './process.js';
export { isLoopback, readSettings, SettingsError } from './read.js';
export { type Setting, type Settings, settingsTable } from './table.js';
export { isPublicAddress, webhookProblem } from './webhook-address.js';
