// Requests as the rest of the kernel wants them: every field checked, every unknown field refused.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "engine/engine.hpp"
#include "protocol/frame.hpp"

namespace mofkernel::protocol {

/// What every request that computes something carries.
struct Calculation {
  std::vector<Structure> structures;
  PotentialSpec potential;
  std::string device;
  Precision precision = Precision::float64;
};

struct DevicesRequest {};

struct TopologyRequest {
  Calculation calculation;
};

struct EvaluateRequest {
  Calculation calculation;
  EvaluateWant want;
};

struct RelaxRequest {
  Calculation calculation;
  RelaxOptions options;
};

struct CancelRequest {
  std::string target;
};

using RequestBody = std::variant<DevicesRequest, TopologyRequest, EvaluateRequest, RelaxRequest, CancelRequest>;

struct Request {
  std::string id;
  RequestBody body;
};

/// Throws KernelError: bad_request for the message, bad_structure for what no structure can have.
Request parse_request(const Frame& frame);

/// Options of UFF4MOF from the protocol's object; also what the command line understands.
Precision parse_precision(const std::string& name);
uff4mof::Dialect parse_dialect(const std::string& name);
uff4mof::Fallback parse_fallback(const std::string& name);
void check_cutoff(double cutoff_A);
/// "cpu" or "cuda:<index>"; whether it is there is the engine's business.
void check_device_name(const std::string& device);

}  // namespace mofkernel::protocol
