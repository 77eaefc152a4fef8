#include "adsorption/host_guest.hpp"

#include <algorithm>

#include "units.hpp"

namespace mofkernel::MOFK_NS::insertion {

namespace {

/// Without charges the near atoms serve to find overlaps early.
constexpr double kNearForOverlap_A = 4;

using adsorption::HostLennardJones;

PairCoefficients lorentz_berthelot(const adsorption::SiteKind& site, double host_epsilon, double host_sigma) {
  const double epsilon = std::sqrt(site.epsilon_eV * host_epsilon);
  const double sigma6 = std::pow((site.sigma_A + host_sigma) / 2, 6);
  return {4 * epsilon * sigma6 * sigma6, 4 * epsilon * sigma6, 0};
}

/// [n_site_kinds][n_host_kinds]
std::vector<PairCoefficients> mix(const adsorption::Guest& guest, const HostLennardJones& host,
                                  const InsertionOptions& options) {
  std::vector<PairCoefficients> pairs;
  for (const adsorption::SiteKind& site : guest.kinds) {
    for (std::size_t t = 0; t < host.n_kinds(); ++t) {
      const bool has_both = site.has_lennard_jones() && host.epsilon_eV[t] > 0 && host.sigma_A[t] > 0;
      PairCoefficients pair{0, 0, 0};
      if (has_both) pair = lorentz_berthelot(site, host.epsilon_eV[t], host.sigma_A[t]);
      if (options.is_shifted) {
        pair.shift_eV = lennard_jones(pair.a, pair.b, 0.0, 1 / (options.cutoff_A * options.cutoff_A));
      }
      pairs.push_back(pair);
    }
  }
  return pairs;
}

/// Integral of the pair energies beyond the cutoff over a uniform density of framework atoms, eV per site.
double tail_energy(std::span<const PairCoefficients> pairs, const HostLennardJones& host, double cutoff,
                   double volume) {
  double sum = 0;
  for (const int kind : host.kind) {
    const PairCoefficients& pair = pairs[static_cast<std::size_t>(kind)];
    sum += pair.a / (9 * std::pow(cutoff, 9)) - pair.b / (3 * std::pow(cutoff, 3));
  }
  return 4 * 3.141592653589793 * sum / volume;
}

}  // namespace

HostGuest::HostGuest(const Context& context, const Structure& framework, const HostLennardJones& host,
                     std::span<const double> charges, const electrostatics::Options& electrostatics,
                     const InsertionOptions& options, double overlap_eV)
    : guest_(adsorption::make_guest(options.adsorbate)),
      first_(context),
      end_near_(context),
      entries_(context),
      image_kind_(context),
      kind_of_site_(context, std::span<const int>(guest_.kind_of_site)),
      images_(context),
      table_(context),
      grid_(context),
      sites_(context),
      pairs_(context),
      kinds_(context) {
  const bool has_charges = !charges.empty() && std::any_of(guest_.kinds.begin(), guest_.kinds.end(),
                                                           [](const auto& kind) { return kind.charge_e != 0; });
  adsorption::CoulombField field;
  if (has_charges) field = adsorption::make_coulomb_field(framework, charges, electrostatics);
  table_.upload(field.table);
  grid_.upload(field.grid);

  const double near = has_charges ? field.cutoff_A : std::min(kNearForOverlap_A, options.cutoff_A);
  const adsorption::Blocks blocks = adsorption::make_blocks(framework, near, std::max(near, options.cutoff_A));
  first_.upload(blocks.first);
  end_near_.upload(blocks.end_near);
  entries_.upload(blocks.entries);
  std::vector<double> images;
  std::vector<int> image_kind;
  for (const adsorption::Image& image : blocks.images) {
    const auto atom = static_cast<std::size_t>(image.atom);
    images.insert(images.end(), image.position.begin(), image.position.end());
    images.push_back(has_charges ? kCoulombEvA * charges[atom] : 0.0);
    image_kind.push_back(host.kind[atom]);
  }
  images_.upload(images);
  image_kind_.upload(image_kind);

  for (int k = 0; k < 9; ++k)
    plain_.cell[k] = framework.cell[static_cast<std::size_t>(k / 3)][static_cast<std::size_t>(k % 3)];
  invert(plain_.cell, plain_.inverse);
  const std::vector<PairCoefficients> pairs = mix(guest_, host, options);
  pairs_.upload(pairs);
  std::vector<KindOfSite> kinds;
  for (std::size_t k = 0; k < guest_.kinds.size(); ++k) {
    const adsorption::SiteKind& kind = guest_.kinds[k];
    const auto own_pairs = std::span(pairs).subspan(k * host.n_kinds(), host.n_kinds());
    const double tail = options.tail_correction
                            ? tail_energy(own_pairs, host, options.cutoff_A, std::abs(determinant(plain_.cell)))
                            : 0.0;
    kinds.push_back({kind.charge_e, tail, kind.has_lennard_jones(), has_charges && kind.charge_e != 0});
  }
  kinds_.upload(kinds);
  std::vector<double> sites;
  for (const auto& position : guest_.positions) sites.insert(sites.end(), position.begin(), position.end());
  sites_.upload(sites);

  for (std::size_t a = 0; a < 3; ++a) {
    plain_.block_shape[a] = blocks.shape[a];
    plain_.grid_shape[a] = field.shape[a];
  }
  plain_.n_host_kinds = static_cast<int>(host.n_kinds());
  plain_.cutoff_squared = options.cutoff_A * options.cutoff_A;
  plain_.near_cutoff_squared = near * near;
  plain_.intervals_per_A2 = field.intervals_per_A2;
  plain_.slope = field.slope_per_A2;
  plain_.n_kinds = static_cast<int>(kinds.size());
  plain_.n_sites = static_cast<int>(guest_.positions.size());
  plain_.overlap_eV = overlap_eV;
}

HostGuestView HostGuest::view() const {
  HostGuestView view = plain_;
  view.first = first_.data();
  view.end_near = end_near_.data();
  view.entries = entries_.data();
  view.images = images_.data();
  view.image_kind = image_kind_.data();
  view.pairs = pairs_.data();
  view.table = table_.data();
  view.grid = grid_.size() == 0 ? nullptr : grid_.data();
  view.kinds = kinds_.data();
  view.kind_of_site = kind_of_site_.data();
  view.sites = sites_.data();
  return view;
}

}  // namespace mofkernel::MOFK_NS::insertion
