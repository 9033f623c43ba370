/** The mode parameters that can be changed, and what they do (SPC-5 7.5). */
export class ModeParameters {
  readonly optical: boolean;
  /** D_SENSE: sense data in descriptor format. */
  descriptorSense = false;
  /** SWP: the initiator has write-protected the medium. */
  softwareWriteProtect = false;
  /** WCE: writes may stay in the cache until they are flushed. */
  writeCache = true;

  constructor(optical: boolean) {
    this.optical = optical;
  }

  /** Back to the defaults. */
  reset(): void {
    this.descriptorSense = false;
    this.softwareWriteProtect = false;
    this.writeCache = true;
  }
}
