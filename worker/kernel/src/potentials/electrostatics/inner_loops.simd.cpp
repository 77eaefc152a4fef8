#include "backend/simd.hpp"
#include "potentials/electrostatics/simd_kernels.hpp"

namespace mofkernel::cpu::MOFK_SIMD_NS {

namespace {

using Bits = unsigned long long __attribute__((vector_size(32)));

struct Columns4 {
  Pack c[4];
};

/// Rows of four numbers at four places -> the first, second, third and fourth of all rows.
Columns4 load_columns(const double* r0, const double* r1, const double* r2, const double* r3) {
  const Doubles a = load(r0).v;
  const Doubles b = load(r1).v;
  const Doubles c = load(r2).v;
  const Doubles d = load(r3).v;
  const Doubles ab_02 = __builtin_shufflevector(a, b, 0, 4, 2, 6);
  const Doubles ab_13 = __builtin_shufflevector(a, b, 1, 5, 3, 7);
  const Doubles cd_02 = __builtin_shufflevector(c, d, 0, 4, 2, 6);
  const Doubles cd_13 = __builtin_shufflevector(c, d, 1, 5, 3, 7);
  return {{{__builtin_shufflevector(ab_02, cd_02, 0, 1, 4, 5)},
           {__builtin_shufflevector(ab_13, cd_13, 0, 1, 4, 5)},
           {__builtin_shufflevector(ab_02, cd_02, 2, 3, 6, 7)},
           {__builtin_shufflevector(ab_13, cd_13, 2, 3, 6, 7)}}};
}

Pack cubic(const Columns4& coefficients, Pack d) {
  const Pack* const c = coefficients.c;
  return c[0] + d * (c[1] + d * (c[2] + d * c[3]));
}

void pairs(const ChargePairWork& work, int first, int last, double* forces) {
  const Doubles cutoff_squared = broadcast(work.cutoff_squared).v;
  const Doubles least_squared = broadcast(work.least_squared).v;
  const Doubles zero{};
  for (int i = first; i < last; ++i) {
    const double* const home = work.points + 4 * i;
    const double* const table = work.table_of_atom[i] - kTableRow * work.first_interval;
    const Pack x = broadcast(home[0]);
    const Pack y = broadcast(home[1]);
    const Pack z = broadcast(home[2]);
    Pack force_x{zero};
    Pack force_y{zero};
    Pack force_z{zero};
    Pack energy{zero};
    for (int n = work.first[i]; n < work.first[i + 1]; n += kLanes) {
      const int* const neighbors = work.neighbors + n;
      int p[kLanes];
      for (int lane = 0; lane < kLanes; ++lane) p[lane] = 4 * neighbors[lane];
      const Columns4 other =
          load_columns(work.points + p[0], work.points + p[1], work.points + p[2], work.points + p[3]);
      const Pack dx = other.c[0] - x;
      const Pack dy = other.c[1] - y;
      const Pack dz = other.c[2] - z;
      const Doubles r2 = (dx * dx + dy * dy + dz * dz).v;
      const Longs is_inside = r2 < cutoff_squared;
      const Doubles below = is_inside ? r2 : least_squared;
      const Doubles u = below < least_squared ? least_squared : below;
      const Bits bits = reinterpret_cast<Bits>(u);
      const Bits interval = bits >> kTableShift;
      const Pack d{u - reinterpret_cast<Doubles>(interval << kTableShift)};
      const double* const r0 = table + kTableRow * interval[0];
      const double* const r1 = table + kTableRow * interval[1];
      const double* const r2_row = table + kTableRow * interval[2];
      const double* const r3 = table + kTableRow * interval[3];
      const Pack charge{is_inside ? other.c[3].v : zero};
      energy = energy + charge * cubic(load_columns(r0, r1, r2_row, r3), d);
      const Pack slope = charge * cubic(load_columns(r0 + 4, r1 + 4, r2_row + 4, r3 + 4), d);
      const Pack gx = slope * dx;
      const Pack gy = slope * dy;
      const Pack gz = slope * dz;
      force_x = force_x + gx;
      force_y = force_y + gy;
      force_z = force_z + gz;
      const Pack own = broadcast(home[3]);
      const Rows rows = to_rows(own * gx, own * gy, own * gz);
      // One after another: the padding may name one point several times.
      for (int lane = 0; lane < kLanes; ++lane) store(forces + p[lane], load(forces + p[lane]) - rows.row[lane]);
    }
    work.row_energies[i] = home[3] * horizontal_sum(energy);
    forces[4 * i] += home[3] * horizontal_sum(force_x);
    forces[4 * i + 1] += home[3] * horizontal_sum(force_y);
    forces[4 * i + 2] += home[3] * horizontal_sum(force_z);
  }
}

struct PhasePack {
  Pack re, im;
};

/// exp(i n theta) of four atoms; n may be negative.
PhasePack phase(const WaveWork& work, int axis, int n, int pack) {
  const int at = (n < 0 ? -n : n) * work.n_packs * kLanes + pack * kLanes;
  const Pack im = load(work.im[axis] + at);
  return {load(work.re[axis] + at), n < 0 ? -im : im};
}

/// The product of an atom's phases along the first two axes.
PhasePack column_phase(const WaveWork& work, const WaveColumn& column, int pack) {
  const PhasePack a = phase(work, 0, column.a, pack);
  const PhasePack b = phase(work, 1, column.b, pack);
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

void factors(const WaveWork& work, const WaveColumn& column, double* scratch, double* re, double* im) {
  double* const scratch_im = scratch + work.n_packs * kLanes;
  for (int pack = 0; pack < work.n_packs; ++pack) {
    const PhasePack xy = column_phase(work, column, pack);
    const Pack charge = load(work.charges + pack * kLanes);
    store(scratch + pack * kLanes, charge * xy.re);
    store(scratch_im + pack * kLanes, charge * xy.im);
  }
  // The four products of real and imaginary parts serve both c and -c.
  for (int c = 0; c <= column.largest; ++c) {
    Pack rr = broadcast(0.0);
    Pack ii = rr;
    Pack ri = rr;
    Pack ir = rr;
    for (int pack = 0; pack < work.n_packs; ++pack) {
      const Pack x_re = load(scratch + pack * kLanes);
      const Pack x_im = load(scratch_im + pack * kLanes);
      const PhasePack z = phase(work, 2, c, pack);
      rr = rr + x_re * z.re;
      ii = ii + x_im * z.im;
      ri = ri + x_re * z.im;
      ir = ir + x_im * z.re;
    }
    const double s_rr = horizontal_sum(rr);
    const double s_ii = horizontal_sum(ii);
    const double s_ri = horizontal_sum(ri);
    const double s_ir = horizontal_sum(ir);
    re[column.largest + c] = s_rr - s_ii;
    im[column.largest + c] = s_ri + s_ir;
    re[column.largest - c] = s_rr + s_ii;
    im[column.largest - c] = s_ir - s_ri;
  }
}

void fields(const WaveWork& work, int n_columns, const double* re, const double* im, int first, int last,
            double* fields) {
  for (int pack = first; pack < last; ++pack) {
    Pack along_a = broadcast(0.0);
    Pack along_b = along_a;
    Pack along_c = along_a;
    for (int k = 0; k < n_columns; ++k) {
      const WaveColumn& column = work.columns[k];
      const PhasePack xy = column_phase(work, column, pack);
      const double* const column_re = re + column.first_wave + column.largest;
      const double* const column_im = im + column.first_wave + column.largest;
      Pack total = column_re[0] * xy.im - column_im[0] * xy.re;
      for (int c = 1; c <= column.largest; ++c) {
        const PhasePack z = phase(work, 2, c, pack);
        const Pack rr = xy.re * z.re;
        const Pack ii = xy.im * z.im;
        const Pack ri = xy.re * z.im;
        const Pack ir = xy.im * z.re;
        const Pack up = column_re[c] * (ri + ir) - column_im[c] * (rr - ii);
        const Pack down = column_re[-c] * (ir - ri) - column_im[-c] * (rr + ii);
        total = total + up + down;
        along_c = along_c + static_cast<double>(c) * (up - down);
      }
      along_a = along_a + static_cast<double>(column.a) * total;
      along_b = along_b + static_cast<double>(column.b) * total;
    }
    const int stride = work.n_packs * kLanes;
    store(fields + pack * kLanes, along_a);
    store(fields + stride + pack * kLanes, along_b);
    store(fields + 2 * stride + pack * kLanes, along_c);
  }
}

}  // namespace

const ChargeKernels kChargeKernels{pairs, factors, fields};

}  // namespace mofkernel::cpu::MOFK_SIMD_NS
