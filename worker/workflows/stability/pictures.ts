// What the window shows of a supercell: frames have the atoms of the task's input, which are its first image. Pure.
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import type { Reporter } from '../reporter.ts';

export class FirstImage {
  readonly #nAtoms: number;
  readonly #repeats: Vector3;
  readonly #hasCell: boolean;
  readonly #reporter: Reporter;

  constructor(input: Structure, repeats: Vector3, reporter: Reporter) {
    this.#nAtoms = input.symbols.length;
    this.#hasCell = input.cell !== null;
    this.#repeats = repeats;
    this.#reporter = reporter;
  }

  /** @param frame of the supercell */
  show(step: number, { positions, cell }: { positions: Vector3[]; cell: Cell }): void {
    const scaled = (k: 0 | 1 | 2): Vector3 => {
      const [x, y, z] = cell[k];
      return [x / this.#repeats[k], y / this.#repeats[k], z / this.#repeats[k]];
    };
    this.#reporter.frame(
      {
        step,
        cell: this.#hasCell ? [scaled(0), scaled(1), scaled(2)] : null,
        positions: positions.slice(0, this.#nAtoms),
      },
      { mustBeSeen: step === 0 },
    );
  }
}
