// A long series of rows in bounded memory: every row at first, then every second, fourth, eighth. Pure.

/** Keeps the rows 0, s, 2 s, … of all that were added, with the smallest power of two s that leaves at most `limit`. */
export class ThinnedRows<Row> {
  readonly #limit: number;
  #rows: Row[] = [];
  #stride = 1;
  #n = 0;

  /** @param limit at least 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(row: Row): void {
    if (this.#n % this.#stride === 0) this.#rows.push(row);
    this.#n += 1;
    while (this.#rows.length > this.#limit) {
      this.#rows = this.#rows.filter((_, i) => i % 2 === 0);
      this.#stride *= 2;
    }
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }
}
