// Requests as the rest of the kernel wants them: every field checked, every unknown field refused.
#pragma once

#include <optional>
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
  std::optional<std::size_t> memory_limit_bytes;

  [[nodiscard]] std::size_t n_atoms() const;
};

/// What a request that goes step by step carries besides.
struct RunPlan {
  std::optional<double> deadline_seconds;  ///< from the moment when its turn comes
  CheckpointPlan checkpoint;
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
  RunPlan run;
  RelaxOptions options;
};

struct MdRequest {
  Calculation calculation;
  RunPlan run;
  MdOptions options;
};

struct ForceConstantsRequest {
  Calculation calculation;
  RunPlan run;
  ForceConstantOptions options;
};

struct InsertionsRequest {
  Calculation calculation;
  RunPlan run;
  InsertionOptions options;
};

struct CancelRequest {
  std::string target;
};

using RequestBody = std::variant<DevicesRequest, TopologyRequest, EvaluateRequest, RelaxRequest, MdRequest,
                                 ForceConstantsRequest, InsertionsRequest, CancelRequest>;

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
Optimizer parse_optimizer(const std::string& name);
CellMode parse_cell_mode(const std::string& name);
Ensemble parse_ensemble(const std::string& name);
electrostatics::Charges parse_charges(const std::string& name);
electrostatics::Method parse_electrostatics_method(const std::string& name);
void check_cutoff(double cutoff_A);
/// "cpu" or "cuda:<index>"; whether it is there is the engine's business.
void check_device_name(const std::string& device);

}  // namespace mofkernel::protocol
