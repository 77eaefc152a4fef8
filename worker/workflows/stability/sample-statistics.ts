// Means, deviations and drifts of a series that comes value by value; nothing of it is kept. Pure.

/** Mean and standard deviation by Welford's recurrence, which does not lose the digits that sums of squares lose. */
export class RunningMoments {
  #n = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.#n += 1;
    const before = value - this.#mean;
    this.#mean += before / this.#n;
    this.#squares += before * (value - this.#mean);
  }

  get count(): number {
    return this.#n;
  }

  /** 0 before the first value. */
  get mean(): number {
    return this.#mean;
  }

  /** Of the values themselves (divided by n); 0 with one value. */
  get standardDeviation(): number {
    return this.#n === 0 ? 0 : Math.sqrt(this.#squares / this.#n);
  }
}

/** The straight line through points, by least squares. */
export class RunningLine {
  readonly #x = new RunningMoments();
  readonly #y = new RunningMoments();
  #products = 0;

  add(x: number, y: number): void {
    const before = x - this.#x.mean;
    this.#x.add(x);
    this.#y.add(y);
    this.#products += before * (y - this.#y.mean);
  }

  /** 0 when all points have one x. */
  get slope(): number {
    const squares = this.#x.count * this.#x.standardDeviation ** 2;
    return squares === 0 ? 0 : this.#products / squares;
  }
}
