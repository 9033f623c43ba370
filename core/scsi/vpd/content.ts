import type { LayoutInput, LayoutValue } from '../../bytes/index.ts';
import type { Designator, DesignatorInput } from './designators.ts';
import type { FIXED_PAGES, MANAGEMENT_ADDRESS, MODE_PAGE_POLICY, PROVISIONING } from './layouts.ts';

/** Names of the pages that are one fixed structure. */
export type FixedVpdKind = keyof typeof FIXED_PAGES;

type HeaderField = 'qualifier' | 'deviceType' | 'pageCode' | 'pageLength';
type FixedContent = {
  [K in FixedVpdKind]: { readonly kind: K; readonly fields: Partial<LayoutValue<(typeof FIXED_PAGES)[K]>> };
}[FixedVpdKind];
type FixedInput = {
  [K in FixedVpdKind]: { readonly kind: K; readonly fields: Omit<LayoutInput<(typeof FIXED_PAGES)[K]>, HeaderField> };
}[FixedVpdKind];

/** A port of the SCSI ports page. */
export interface VpdPort {
  readonly relativePort: number;
  readonly transportId: Uint8Array;
  readonly designators: readonly Designator[];
}

/** A management address of the target. */
export interface ManagementAddress extends LayoutValue<typeof MANAGEMENT_ADDRESS> {
  readonly address: string;
}

/** What a VPD page holds, by kind. */
export type VpdContent =
  | FixedContent
  | { readonly kind: 'supportedPages'; readonly pages: readonly number[] }
  | { readonly kind: 'unitSerialNumber'; readonly serial: string }
  | { readonly kind: 'deviceIdentification'; readonly designators: readonly Designator[] }
  | { readonly kind: 'managementAddresses'; readonly addresses: readonly ManagementAddress[] }
  | { readonly kind: 'modePagePolicy'; readonly policies: readonly LayoutValue<typeof MODE_PAGE_POLICY>[] }
  | { readonly kind: 'scsiPorts'; readonly ports: readonly VpdPort[] }
  | {
      readonly kind: 'provisioning';
      readonly fields: Partial<LayoutValue<typeof PROVISIONING>>;
      readonly group: readonly Designator[];
    }
  | { readonly kind: 'other'; readonly bytes: Uint8Array };

/** What a target puts into a VPD page, by kind; page code and length follow from it. */
export type VpdInput =
  | FixedInput
  | { readonly kind: 'supportedPages'; readonly pages: readonly number[] }
  | { readonly kind: 'unitSerialNumber'; readonly serial: string }
  | { readonly kind: 'deviceIdentification'; readonly designators: readonly DesignatorInput[] }
  | { readonly kind: 'managementAddresses'; readonly addresses: readonly Omit<ManagementAddress, 'length'>[] }
  | { readonly kind: 'modePagePolicy'; readonly policies: readonly LayoutInput<typeof MODE_PAGE_POLICY>[] }
  | {
      readonly kind: 'scsiPorts';
      readonly ports: readonly {
        readonly relativePort: number;
        readonly transportId?: Uint8Array;
        readonly designators: readonly DesignatorInput[];
      }[];
    }
  | {
      readonly kind: 'provisioning';
      readonly fields: Omit<LayoutInput<typeof PROVISIONING>, HeaderField | 'groupPresent'>;
      readonly group?: DesignatorInput;
    }
  | { readonly kind: 'other'; readonly pageCode: number; readonly bytes: Uint8Array };

/** A VPD page: whose it is, what it holds, and what is wrong with it. */
export interface VpdPage {
  readonly pageCode: number;
  readonly pageName: string;
  readonly qualifier: number;
  readonly deviceType: number;
  /** Bytes the page says it has behind its header. */
  readonly pageLength: number;
  readonly content: VpdContent;
  readonly warnings: readonly string[];
}
