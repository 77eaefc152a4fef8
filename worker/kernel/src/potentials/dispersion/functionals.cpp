#include "potentials/dispersion/functionals.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "errors.hpp"

namespace mofkernel::dispersion {

namespace {

struct Functional {
  std::string_view name;
  Damping damping;
};

// Sources, by the letter behind each line:
//   a  Grimme, Ehrlich and Goerigk, J. Comput. Chem. 32, 1456 (2011)
//   b  Goerigk and Grimme, Phys. Chem. Chem. Phys. 13, 6670 (2011)
//   c  Moellmann and Grimme, J. Phys. Chem. C 118, 7615 (2014)
//   d  Brandenburg, Bates, Sun and Perdew, Phys. Rev. B 94, 115144 (2016)
//   e  Brandenburg, Bannwarth, Hansen and Grimme, J. Chem. Phys. 148, 064104 (2018)
//   f  Ehlert, Huniar, Ning, Furness, Sun, Kaplan, Perdew and Brandenburg, J. Chem. Phys. 154, 061101 (2021)
//   g  Bursch, Neugebauer, Ehlert and Grimme, J. Chem. Phys. 156, 134105 (2022)
//   h  Najibi and Goerigk, J. Chem. Theory Comput. 14, 5725 (2018)
//   i  Goerigk, Hansen, Bauer, Ehrlich, Najibi and Grimme, Phys. Chem. Chem. Phys. 19, 32184 (2017)
//   k  the list of the DFT-D3 program, version 3.1, without a paper of their own
constexpr Functional kFunctionals[] = {
    {"b1b95", {1, 1.4507, 0.2092, 5.5545}},               // b
    {"b2plyp", {0.64, 0.9147, 0.3065, 5.0570}},           // b
    {"b3lyp", {1, 1.9889, 0.3981, 4.4211}},               // a
    {"b3pw91", {1, 2.8524, 0.4312, 4.4693}},              // b
    {"b973c", {1, 1.5, 0.37, 4.1}},                       // e
    {"b97d", {1, 2.2609, 0.5545, 3.2297}},                // a
    {"b97m", {1, 0.1384, -0.078, 5.5946}},                // h
    {"bhlyp", {1, 1.0354, 0.2793, 4.9615}},               // b
    {"blyp", {1, 2.6996, 0.4298, 4.2359}},                // a
    {"bmk", {1, 2.0860, 0.1940, 5.9197}},                 // b
    {"bp86", {1, 3.2822, 0.3946, 4.8516}},                // a
    {"bpbe", {1, 4.0728, 0.4567, 4.3908}},                // b
    {"camb3lyp", {1, 2.0674, 0.3708, 5.4743}},            // b
    {"hf", {1, 0.9171, 0.3385, 2.8830}},                  // a
    {"hse03", {1, 1.1243, 0, 6.8889}},                    // i
    {"hse06", {1, 2.310, 0.383, 5.685}},                  // c
    {"hsesol", {1, 2.9215, 0.4650, 6.2003}},              // k
    {"lcwpbe", {1, 1.8541, 0.3919, 5.0897}},              // b
    {"mpw1b95", {1, 1.0508, 0.1955, 6.4177}},             // b
    {"mpwlyp", {1, 2.0077, 0.4831, 4.5323}},              // b
    {"olyp", {1, 2.6205, 0.5299, 2.8065}},                // b
    {"opbe", {1, 3.3816, 0.5512, 2.9444}},                // b
    {"pbe", {1, 0.7875, 0.4289, 4.4407}},                 // a
    {"pbe0", {1, 1.2177, 0.4145, 4.8593}},                // a
    {"pbesol", {1, 2.9491, 0.4466, 6.1742}},              // b
    {"pw6b95", {1, 0.7257, 0.2076, 6.3750}},              // b
    {"r2scan", {1, 0.78981345, 0.49484001, 5.73083694}},  // f
    {"r2scan0", {1, 1.1846, 0.4534, 5.8972}},             // g
    {"r2scan50", {1, 1.3294, 0.4311, 5.9240}},            // g
    {"r2scanh", {1, 1.1236, 0.4709, 5.9157}},             // g
    {"revpbe", {1, 2.3550, 0.5238, 3.5016}},              // a
    {"revpbe0", {1, 1.7588, 0.4679, 3.7619}},             // b
    {"revpbe38", {1, 1.4760, 0.4309, 3.9446}},            // b
    {"revtpss", {1, 1.4023, 0.4426, 4.4723}},             // i
    {"rpbe", {1, 0.8318, 0.1820, 4.0094}},                // k
    {"rpw86pbe", {1, 1.3845, 0.4613, 4.5062}},            // a
    {"rscan", {1, 1.08859014, 0.47023427, 5.73408312}},   // f
    {"scan", {1, 0, 0.5380, 5.4200}},                     // d
    {"tpss", {1, 1.9435, 0.4535, 4.4752}},                // a
    {"tpss0", {1, 1.2576, 0.3768, 4.5865}},               // a
    {"tpssh", {1, 2.2382, 0.4529, 4.6550}},               // b
    {"wb97m", {1, 0.3908, 0.566, 3.128}},                 // h
    {"wb97x", {1, 0.2641, 0, 5.4959}},                    // h
};

std::string plain_name(std::string_view functional) {
  std::string plain;
  for (const char c : functional) {
    if (c != '-' && c != '_') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

}  // namespace

Damping find_damping(std::string_view functional) {
  const std::string plain = plain_name(functional);
  const auto* const found = std::ranges::find(kFunctionals, plain, &Functional::name);
  if (found != std::end(kFunctionals)) return found->damping;
  throw KernelError(ErrorCode::unsupported, "D3(BJ) dispersion has no parameters for the functional \"" +
                                                std::string(functional) + "\"; it has them for " + functional_names());
}

std::string functional_names() {
  std::string names;
  for (const Functional& functional : kFunctionals) {
    if (!names.empty()) names += ", ";
    names += functional.name;
  }
  return names;
}

}  // namespace mofkernel::dispersion
