// Numbers as text and as colours. course_utils/drawing.py has the same rules; a test compares the two.

export const SIGNED = [
  [33, 94, 158],
  [146, 190, 226],
  [255, 255, 255],
  [247, 178, 103],
  [176, 77, 8],
]; // −scale … +scale
const SEQUENTIAL = [
  [24, 24, 24],
  [255, 255, 255],
]; // 0 … scale

/** A number as a reader wants it in a small cell: −2, 1.5, 0.333, 2e−5, 1.2e6. */
export function formatNumber(value) {
  if (Number.isNaN(value)) return "nan";
  if (value === 0) return "0";
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  if (size === Infinity) return `${sign}∞`;
  if (Number.isInteger(size) && size < 100_000) return `${sign}${size}`;
  if (size >= 99_999.5 || size < 0.001) {
    return sign + size.toExponential(1).replace(".0e", "e").replace("e+", "e").replace("e-", "e−");
  }
  const significant = size < 0.1 ? 2 : 3;
  const digits = Math.max(0, significant - 1 - Math.floor(Math.log10(size)));
  return sign + String(Number(size.toFixed(digits)));
}

/** Whether a number looks like what it is, up to float32's precision at a size. */
export function isShownExactly(value, size = Math.abs(value)) {
  const shown = Number(formatNumber(value).replaceAll("−", "-"));
  return Math.abs(shown - value) <= 1e-6 * size;
}

/** "1 pixel", "2 pixels". */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * What was typed as one of float32's numbers, which is infinite where it is too large; null where it is no number.
 * Knows −, 0,5 and 1/3; 1,000 may mean a thousand or one, so it is none.
 */
export function parseNumber(typed) {
  if (/(^|[^\d.])[1-9]\d{0,2},\d{3}(?!\d)/.test(typed)) return null;
  const plain = typed.trim().replaceAll("−", "-").replace(",", ".");
  const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
  const found = plain.match(new RegExp(`^(${number})(?:\\s*/\\s*(${number}))?$`));
  const divisor = Number(found?.[2] ?? 1);
  return found && divisor ? Math.fround(Number(found[1]) / divisor) : null;
}

/** What is wrong with a number as parseNumber gave it, which is wanted to be "a number" or "a whole number". */
export function whyRefused(value, wanted = "a number") {
  return Math.abs(value) === Number.POSITIVE_INFINITY ? "is too large" : `is not ${wanted}`;
}

/** The colour of a value as #rrggbb; beyond `scale` it is the palette's last colour. */
export function color(value, scale, signed) {
  const part = Math.min(1, Math.max(signed ? -1 : 0, scale > 0 ? value / scale : Math.sign(value)));
  const stops = signed ? SIGNED : SEQUENTIAL;
  const place = (signed ? (part + 1) / 2 : part) * (stops.length - 1);
  const index = Math.min(Math.floor(place), stops.length - 2);
  const mixed = stops[index].map((from, i) => Math.floor(from + (stops[index + 1][i] - from) * (place - index) + 0.5));
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

/** Black or white, whichever is easier to read on a fill: the contrast is always above 4.5 to 1. */
export function textColor(fill) {
  const linear = [1, 3, 5].map((i) => {
    const channel = parseInt(fill.slice(i, i + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? "#000000" : "#ffffff";
}

/** The largest comfortable font size at which a label fits into a cell. */
export function fontSize(width, height, label) {
  const ems = [...label].reduce((total, letter) => total + (letter === "." ? 0.3 : 0.58), 0); // Helvetica and its kin
  return wholeSize(Math.min(0.42 * height, (0.92 * width) / ems));
}

// Browsers prepare a font for each size that they meet: few sizes make fast frames.
export function wholeSize(size) {
  return Math.floor(size * 2) / 2;
}

/** One font size for a whole grid: of the longest label, unless that is too long for its neighbours' good. */
export function commonFontSize(width, height, labels) {
  return Math.min(
    wholeSize(0.42 * height),
    ...labels.filter((label) => label.length <= 6).map((label) => fontSize(width, height, label)),
  );
}

/** The largest magnitude in nested lists, or 1 where all is zero. */
export function largest(grid) {
  return Math.max(...grid.flat().map(Math.abs)) || 1;
}

/** The largest magnitude in arrays of numbers, or 1 where all are zero. */
export function largestOf(...arrays) {
  let found = 0;
  for (const values of arrays) for (const value of values) found = Math.max(found, Math.abs(value));
  return found || 1;
}

/** What Python's trait `Pixels` sends, as its shape and its numbers in row-major order. */
export function pixels({ shape, data }) {
  return { shape, values: new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)) };
}
