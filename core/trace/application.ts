/** Name this program signs its captures with. */
export const APPLICATION = 'Lunascope';

/** How what they say of themselves begins; other programs that join captures keep it. */
export const SECTION_OPENING = 'iSCSI PDUs in made-up TCP/IP packets: ';
