import { app, session, shell, type Session, type WebContents } from 'electron';
import { isSafeExternalUrl } from '../ipc/app.ts';
import { isOwnUrl } from './content.ts';

/** The window asks for no permission, so none is granted: no camera, no USB, no notifications, nothing. */
function denyPermissions(target: Session): void {
  target.setPermissionRequestHandler((_contents, _permission, callback) => callback(false));
  target.setPermissionCheckHandler(() => false);
  target.setDevicePermissionHandler(() => false);
}

/** The window itself reaches no network: all traffic is the main process's own iSCSI. */
function denyNetwork(target: Session): void {
  target.webRequest.onBeforeRequest((details, callback) => {
    const own = isOwnUrl(details.url) || details.url.startsWith('devtools://') || details.url.startsWith('data:');
    callback({ cancel: !own });
  });
}

function guardContents(contents: WebContents): void {
  contents.on('will-navigate', (event, url) => {
    if (!isOwnUrl(url)) event.preventDefault();
  });
  contents.on('will-redirect', (event, url) => {
    if (!isOwnUrl(url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isSafeExternalUrl(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
}

/** Puts the rules on every session and every page there will be. */
export function enforceSecurity(): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
  app.on('session-created', (created) => {
    denyPermissions(created);
    denyNetwork(created);
  });
  denyPermissions(session.defaultSession);
  denyNetwork(session.defaultSession);
  session.defaultSession.on('will-download', (event) => event.preventDefault());
}
