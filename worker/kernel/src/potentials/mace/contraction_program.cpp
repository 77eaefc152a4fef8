#include "potentials/mace/contraction_program.hpp"

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "errors.hpp"

namespace mofkernel::mace {

namespace {

/// Harmonics, ascending.
using Factors = std::vector<int>;
/// Head and output.
using TermKey = std::pair<Factors, int>;

struct Monomial {
  int output;
  Factors factors;
  MonomialRow source;
};

struct Leaf {
  int harmonic;
  MonomialRow source;
};

struct Term {
  std::vector<MonomialRow> constant;  ///< one or none
  std::vector<Leaf> leaves;
};

/// By degree of the head, then by its factors, then by output.
struct ByDegree {
  bool operator()(const TermKey& a, const TermKey& b) const {
    return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a < b;
  }
};
using Terms = std::map<TermKey, Term, ByDegree>;

/// What a term and a head cost beside its leaves; the times measured hardly depend on it.
constexpr double kTermCost = 2;
constexpr double kHeadCost = 1;

std::vector<Monomial> monomials_of(const Product& product, int degree) {
  std::vector<Monomial> monomials;
  for (int l = 0; l <= product.output_l_max; ++l) {
    const Monomials& listed = product.monomials[static_cast<std::size_t>(l)][static_cast<std::size_t>(degree - 1)];
    const int width = degree + 1;
    for (int row = 0; (row + 1) * width <= static_cast<int>(listed.index.size()); ++row) {
      const auto first = listed.index.begin() + row * width;
      monomials.push_back({l * l + *first, Factors(first + 1, first + width), {l, degree, row}});
    }
  }
  return monomials;
}

Factors without(const Factors& factors, std::size_t left_out) {
  Factors rest = factors;
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
  return rest;
}

/// For every term that could be made, which of the monomials it could hold, and as which leaf.
struct Choice {
  std::size_t monomial;
  int leaf;
};
std::map<TermKey, std::vector<Choice>> choices_of(const std::vector<Monomial>& monomials) {
  std::map<TermKey, std::vector<Choice>> choices;
  for (std::size_t k = 0; k < monomials.size(); ++k) {
    const Factors& factors = monomials[k].factors;
    for (std::size_t leaf = 0; leaf < factors.size(); ++leaf) {
      if (leaf > 0 && factors[leaf] == factors[leaf - 1]) continue;
      choices[{without(factors, leaf), monomials[k].output}].push_back({k, factors[leaf]});
    }
  }
  return choices;
}

using Candidate = std::pair<const TermKey, std::vector<Choice>>;

struct Gain {
  double per_cost;
  const Candidate* candidate;
  /// The larger gain first, then the order of the candidates.
  bool operator<(const Gain& other) const {
    return per_cost != other.per_cost ? per_cost < other.per_cost : other.candidate->first < candidate->first;
  }
};

/// Gives every monomial to one term: always to the term that takes most of those left over for what it costs. Gains
/// only fall, but for those of a head that became known: these are queued again.
void cover(const std::vector<Monomial>& monomials, Terms& terms) {
  const auto candidates = choices_of(monomials);
  std::vector<bool> is_taken(monomials.size(), false);
  std::set<Factors> heads;
  for (const auto& entry : terms) heads.insert(entry.first.first);
  const auto gain_of = [&](const Candidate& candidate) {
    const auto n_open = std::count_if(candidate.second.begin(), candidate.second.end(),
                                      [&](const Choice& choice) { return !is_taken[choice.monomial]; });
    return static_cast<double>(n_open) / (kTermCost + (heads.contains(candidate.first.first) ? 0 : kHeadCost));
  };
  std::priority_queue<Gain> queue;
  for (const Candidate& candidate : candidates) queue.push({gain_of(candidate), &candidate});
  for (std::size_t n_left = monomials.size(); n_left > 0;) {
    const Gain best = queue.top();
    queue.pop();
    const double gain = gain_of(*best.candidate);
    if (gain < best.per_cost) {
      queue.push({gain, best.candidate});
      continue;
    }
    const Factors& head = best.candidate->first.first;
    Term& term = terms[best.candidate->first];
    for (const Choice& choice : best.candidate->second) {
      if (is_taken[choice.monomial]) continue;
      is_taken[choice.monomial] = true;
      --n_left;
      term.leaves.push_back({choice.leaf, monomials[choice.monomial].source});
    }
    if (!heads.insert(head).second) continue;
    for (auto same = candidates.lower_bound({head, 0}); same != candidates.end() && same->first.first == head; ++same)
      queue.push({gain_of(*same), &*same});
  }
}

/// Those that are the head of a term of their own output become its constant, the others are returned.
std::vector<Monomial> take_as_constants(std::vector<Monomial> monomials, Terms& terms) {
  std::erase_if(monomials, [&](const Monomial& monomial) {
    const auto term = terms.find({monomial.factors, monomial.output});
    if (term == terms.end()) return false;
    term->second.constant.push_back(monomial.source);
    return true;
  });
  return monomials;
}

/// Terms with the number of their head, ascending.
struct NumberedTerm {
  int head;
  int output;
  const Term* term;

  /// Output, then shape.
  [[nodiscard]] std::tuple<int, bool, std::size_t> run() const {
    return {output, !term->constant.empty(), term->leaves.size()};
  }
};

std::vector<NumberedTerm> number_heads(const Terms& terms, std::vector<ContractionHead>& heads) {
  std::vector<NumberedTerm> numbered;
  const Factors* last = nullptr;
  for (const auto& [key, term] : terms) {
    const auto& [factors, output] = key;
    if (last == nullptr || *last != factors) {
      ContractionHead& head = heads.emplace_back();
      head.degree = static_cast<int>(factors.size());
      std::copy(factors.begin(), factors.end(), head.factors);
      last = &factors;
    }
    numbered.push_back({static_cast<int>(heads.size()) - 1, output, &term});
  }
  return numbered;
}

void write(const NumberedTerm& numbered, ContractionProgram& program) {
  const Term& term = *numbered.term;
  const int has_constant = term.constant.empty() ? 0 : 1;
  const int n_leaves = static_cast<int>(term.leaves.size());
  for (const MonomialRow& source : term.constant) program.sources.push_back(source);
  for (const Leaf& leaf : term.leaves) {
    program.leaves.push_back(leaf.harmonic);
    program.sources.push_back(leaf.source);
  }
  program.terms.push_back({numbered.head, numbered.output, has_constant, static_cast<int>(program.leaves.size())});
  const auto is_in = [&](const ContractionRun& run) {
    return run.output == numbered.output && run.n_leaves == n_leaves && run.has_constant == has_constant;
  };
  if (program.runs.empty() || !is_in(program.runs.back()))
    program.runs.push_back({numbered.output, 0, n_leaves, has_constant});
  program.runs.back().end_term = static_cast<int>(program.terms.size());
}

}  // namespace

ContractionProgram plan_contraction(const Product& product, int l_max, TermOrder order) {
  ContractionProgram program;
  program.n_harmonics = (l_max + 1) * (l_max + 1);
  program.n_outputs = (product.output_l_max + 1) * (product.output_l_max + 1);
  if (program.n_harmonics > kMostHarmonics || program.n_outputs > kMostOutputs ||
      product.correlation > kMostFactors + 1) {
    throw KernelError(
        ErrorCode::unsupported,
        "this kernel contracts MACE messages up to l_max 4, output L 3 and correlation 4; the model has " +
            std::to_string(l_max) + ", " + std::to_string(product.output_l_max) + " and " +
            std::to_string(product.correlation));
  }
  Terms terms;
  for (int degree = product.correlation; degree >= 1; --degree)
    cover(take_as_constants(monomials_of(product, degree), terms), terms);
  std::vector<NumberedTerm> numbered = number_heads(terms, program.heads);
  if (order == TermOrder::by_output) {
    std::stable_sort(numbered.begin(), numbered.end(),
                     [](const NumberedTerm& a, const NumberedTerm& b) { return a.run() < b.run(); });
  }
  for (const NumberedTerm& term : numbered) write(term, program);
  return program;
}

std::vector<double> contraction_coefficients(const ContractionProgram& program, const Product& product, int element,
                                             int n_channels, int n_lanes) {
  const auto channels = static_cast<std::size_t>(n_channels);
  const auto lanes = static_cast<std::size_t>(n_lanes);
  const std::size_t n_coefficients = program.sources.size();
  std::vector<double> coefficients((channels + lanes - 1) / lanes * n_coefficients * lanes, 0.0);
  std::vector<double> sum(channels);
  for (std::size_t k = 0; k < n_coefficients; ++k) {
    const MonomialRow& source = program.sources[k];
    const Monomials& listed =
        product.monomials[static_cast<std::size_t>(source.output_l)][static_cast<std::size_t>(source.degree - 1)];
    const std::size_t n_couplings = listed.coupling.shape[1];
    const double* const coupling = listed.coupling.values.data() + static_cast<std::size_t>(source.row) * n_couplings;
    const std::size_t z = product.is_element_agnostic ? 0 : static_cast<std::size_t>(element);
    const double* const weight = listed.weight.values.data() + z * n_couplings * channels;
    std::fill(sum.begin(), sum.end(), 0.0);
    for (std::size_t eta = 0; eta < n_couplings; ++eta) {
      for (std::size_t c = 0; c < channels; ++c) sum[c] += coupling[eta] * weight[eta * channels + c];
    }
    for (std::size_t c = 0; c < channels; ++c)
      coefficients[(c / lanes * n_coefficients + k) * lanes + c % lanes] = sum[c];
  }
  return coefficients;
}

}  // namespace mofkernel::mace
