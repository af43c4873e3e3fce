/** How a series looks: by colour, by marker and by dash, so that no reader depends on colour. */
export interface SeriesStyle {
  /** Which of the palette's colours; 'muted' is the grey of what one compares with, 'ink' that of text. */
  readonly colour: number | 'muted' | 'ink';
  readonly dash?: 'solid' | 'dashed' | 'dotted' | undefined;
  readonly marker?: Marker | undefined;
  /** Hollow markers. */
  readonly hollow?: boolean | undefined;
  /** Width of lines in pixels; default 1.75. */
  readonly width?: number | undefined;
}

export const markers = [
  'circle',
  'square',
  'triangle',
  'diamond',
  'cross',
  'plus',
  'inverted',
  'star',
] as const;
export type Marker = (typeof markers)[number];

/**
 * Okabe and Ito's palette, which people with any colour vision tell apart, without its yellow, which white paper
 * swallows; the second list is the same hues for dark pages.
 */
const light = ['#0072b2', '#d55e00', '#009e73', '#b8578f', '#c98a00', '#3f93c8', '#6b4fa0', '#7a6a3a'];
const dark = ['#5fb0ea', '#ff8f4d', '#3fcf9f', '#e79cc6', '#f0bf4c', '#9bd4f7', '#b9a3ea', '#cbbd8c'];

export const colourOf = ({ colour }: SeriesStyle): string =>
  typeof colour === 'string' ? `var(--${colour})` : `var(--series-${colour % light.length})`;

const variables = (
  colours: readonly string[],
  ink: string,
  muted: string,
  grid: string,
  paper: string,
): string =>
  [
    ...colours.map((colour, i) => `--series-${i}:${colour}`),
    `--ink:${ink}`,
    `--muted:${muted}`,
    `--grid:${grid}`,
    `--paper:${paper}`,
  ].join(';');

export const lightVariables = variables(light, '#1c1f23', '#5c636b', '#e2e5e9', '#ffffff');
export const darkVariables = variables(dark, '#e6e8eb', '#a2a9b2', '#363b42', '#15181c');

/** Of everything inside charts; needs the variables above. */
export const chartStyle = `
.chart text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--ink);font-variant-numeric:tabular-nums}
.chart .tick{font-size:11px;fill:var(--muted)}
.chart .heading{font-weight:600;font-size:12.5px}
.chart .small{font-size:10.5px;fill:var(--muted)}
.chart .grid{stroke:var(--grid);stroke-width:1}
.chart .axis{stroke:var(--muted);stroke-width:1;fill:none}
.chart .goal{stroke:var(--ink);stroke-width:1;stroke-dasharray:4 3}
.chart .line{fill:none;stroke-linejoin:round;stroke-linecap:round}
.chart image{image-rendering:pixelated}
`.trim();
