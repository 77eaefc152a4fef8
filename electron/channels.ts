// Names of the messages between page and main process; both sides take them from here.
export const CHANNELS = {
  getSessionToken: 'mofsim:get-session-token',
  setAppearance: 'mofsim:set-appearance',
  listenForFiles: 'mofsim:listen-for-files',
  openFile: 'mofsim:open-file',
} as const;
