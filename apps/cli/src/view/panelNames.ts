/** What can be shown of an image; apart from the pictures, so that the options load without the library. */
export const panelNames = ['reference', 'magnitude', 'error', 'phase', 'kspace'] as const;
export type PanelName = (typeof panelNames)[number];
