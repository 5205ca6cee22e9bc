// The arithmetic of the lessons, on nested lists.

import { formatNumber, isShownExactly } from "./numbers.js";

/** The kernel turned by 180°, which makes a cross-correlation a convolution. */
export function rotated(kernel) {
  return kernel.map((row) => [...row].reverse()).reverse();
}

/** Pixel, weight and product for every weight of the kernel, row by row, with the patch at (row, column). */
export function productsAt(x, kernel, row, column) {
  return kernel.flatMap((weights, i) =>
    weights.map((weight, j) => {
      const pixel = x[row + i][column + j];
      return { pixel, weight, value: pixel * weight };
    }),
  );
}

/** Cross-correlation without padding: the sum of products at every place where the kernel fits. */
export function correlate(x, kernel) {
  const rows = x.length - kernel.length + 1;
  const columns = x[0].length - kernel[0].length + 1;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => sum(productsAt(x, kernel, row, column))),
  );
}

/** The sum of the first `count` products. */
export function sum(products, count = products.length) {
  return products.slice(0, count).reduce((total, product) => total + product.value, 0);
}

/** "3·1 + 0·(−2) + … = 9", of the first `count` products; ≈ where a number of them is rounded. */
export function equation(products, count = products.length) {
  const added = products.slice(0, count);
  const factor = (value) => (value < 0 ? `(${formatNumber(value)})` : formatNumber(value));
  const term = ({ pixel, weight }) => `${factor(pixel)}·${factor(weight)}`;
  const taken = added.map(term);
  const shown = taken.length > 9 ? [...taken.slice(0, 3), "…", taken.at(-1)] : taken;
  const total = sum(products, count);
  const size = Math.max(...added.map(({ value }) => Math.abs(value)));
  const factors = added.flatMap(({ pixel, weight }) => [pixel, weight]);
  const exact = factors.every((one) => isShownExactly(one)) && isShownExactly(total, size);
  const end = count < products.length ? " so far" : "";
  return count ? `${shown.join(" + ")} ${exact ? "=" : "≈"} ${formatNumber(total)}${end}` : "nothing added yet";
}

/** The same for pictures, {shape: [H, W], values} in row-major order, summed in double precision. */
export function correlatePixels({ shape: [height, width], values }, kernel) {
  const [rows, columns] = [height - kernel.length + 1, width - kernel[0].length + 1];
  const response = new Float64Array(rows * columns);
  for (const [i, weights] of kernel.entries()) {
    for (const [j, weight] of weights.entries()) {
      if (weight === 0) continue;
      for (let row = 0; row < rows; row++) {
        const [from, to] = [(row + i) * width + j, row * columns];
        for (let column = 0; column < columns; column++) response[to + column] += weight * values[from + column];
      }
    }
  }
  return { shape: [rows, columns], values: response };
}
