/** Name this program signs its captures with. */
export const APPLICATION = 'Lunascope';
