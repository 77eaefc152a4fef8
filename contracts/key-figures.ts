// Key figures: the few numbers of a result that stand in the table of a campaign, by task type. Those that are numbers are
// also the quantities that reference values may be given for. How each is taken from a result: worker/service/campaigns/figures.ts.
import type { TaskType } from './task-types.ts';

export interface KeyFigure {
  kind: 'number' | 'boolean';
  /** '' for a count, a ratio or a yes. */
  unit: string;
  title: { zh: string; en: string };
}

const number = (unit: string, zh: string, en: string): KeyFigure => ({ kind: 'number', unit, title: { zh, en } });
const yesOrNo = (zh: string, en: string): KeyFigure => ({ kind: 'boolean', unit: '', title: { zh, en } });

/** In the order of the columns. The same name in two types is the same quantity. */
export const KEY_FIGURES = {
  optimization: {
    converged: yesOrNo('已收敛', 'Converged'),
    steps: number('', '步数', 'Steps'),
    final_energy_eV: number('eV', '最终能量', 'Final energy'),
    max_force_eV_A: number('eV/A', '最大力', 'Largest force'),
    volume_A3: number('A^3', '体积', 'Volume'),
    volume_per_atom_A3: number('A^3', '每原子体积', 'Volume per atom'),
    volume_change_percent: number('%', '体积变化', 'Change of the volume'),
    rmsd_A: number('A', '与初始结构的均方根位移', 'RMSD from the start'),
  },
  stability: {
    stable: yesOrNo('稳定', 'Stable'),
    max_displacement_A: number('A', '最大位移', 'Largest displacement'),
    n_bonds_broken: number('', '断裂键数', 'Bonds broken'),
    volume_drift_percent: number('%', '体积漂移', 'Drift of the volume'),
    mean_volume_A3: number('A^3', '平均体积', 'Mean volume'),
    mean_temperature_k: number('K', '平均温度', 'Mean temperature'),
    energy_drift_eV_atom_ps: number('eV/ps', '每原子能量漂移', 'Energy drift per atom'),
  },
  'bulk-modulus': {
    is_reliable: yesOrNo('可靠', 'Reliable'),
    bulk_modulus_GPa: number('GPa', '体积模量', 'Bulk modulus'),
    bulk_modulus_error_GPa: number('GPa', '体积模量标准误差', 'Standard error of the bulk modulus'),
    pressure_derivative: number('', '压力导数', 'Pressure derivative'),
    equilibrium_volume_A3: number('A^3', '平衡体积', 'Equilibrium volume'),
    r_squared: number('', '决定系数', 'R2 of the fit'),
  },
  'heat-capacity': {
    heat_capacity_300K_J_g_K: number('J/(g K)', '300 K 比热容', 'Specific heat capacity at 300 K'),
    heat_capacity_300K_J_mol_K: number('J/(mol K)', '300 K 摩尔热容', 'Molar heat capacity at 300 K'),
    n_imaginary_modes: number('', '虚频模式数', 'Imaginary modes'),
  },
  'interaction-energy': {
    interaction_energy_eV: number('eV', '最低相互作用能', 'Lowest interaction energy'),
    henry_coefficient_mol_kg_Pa: number('mol/(kg Pa)', '亨利系数', 'Henry coefficient'),
    henry_coefficient_standard_error_mol_kg_Pa: number('mol/(kg Pa)', '亨利系数标准误差', 'Its standard error'),
    isosteric_heat_kJ_mol: number('kJ/mol', '等量吸附热', 'Isosteric heat'),
    accessible_fraction: number('', '可及比例', 'Accessible fraction'),
  },
  'single-point-energy': {
    energy_eV: number('eV', '能量', 'Energy'),
    energy_per_atom_eV: number('eV', '每原子能量', 'Energy per atom'),
    max_force_eV_A: number('eV/A', '最大力', 'Largest force'),
  },
} as const satisfies Record<TaskType, Readonly<Record<string, KeyFigure>>>;

type NamesOf<Figures> = Figures extends unknown ? keyof Figures & string : never;
export type KeyFigureName = NamesOf<(typeof KEY_FIGURES)[TaskType]>;

/** Every figure by its name, whatever its type. */
export const FIGURES: ReadonlyMap<string, KeyFigure> = new Map(
  Object.values(KEY_FIGURES).flatMap((figures) => Object.entries<KeyFigure>(figures)),
);

/** What reference values may be given for. */
export const QUANTITIES: readonly string[] = [...FIGURES]
  .filter(([, { kind }]) => kind === 'number')
  .map(([name]) => name);
