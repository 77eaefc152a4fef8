#include "protocol/requests.hpp"

#include "protocol/calculation.hpp"
#include "protocol/run_requests.hpp"

namespace mofkernel::protocol {
namespace {

EvaluateWant parse_want(Members& members) {
  return {.energies = true,
          .forces = members.boolean("compute_forces"),
          .stress = members.boolean("compute_stress"),
          .per_atom = members.boolean("compute_per_atom")};
}

RequestBody parse_body(const std::string& type, Members& members, RequestArrays& arrays) {
  if (type == "devices") return DevicesRequest{};
  if (type == "cancel") return CancelRequest{read_id(members, "target")};
  const bool is_known = type == "topology" || type == "evaluate" || type == "relax" || type == "md" ||
                        type == "force_constants" || type == "insertions";
  if (!is_known) {
    refuse("there is no request of type \"" + type +
           "\"; there are: devices, topology, evaluate, relax, md, force_constants, insertions, cancel");
  }
  Calculation calculation = parse_calculation(members, arrays);
  if (type == "relax") return parse_relax(members, arrays, std::move(calculation));
  if (type == "md") return parse_md(members, arrays, std::move(calculation));
  if (type == "force_constants") return parse_force_constants(members, arrays, std::move(calculation));
  if (type == "insertions") return parse_insertions(members, arrays, std::move(calculation));
  if (type == "evaluate") return EvaluateRequest{std::move(calculation), parse_want(members)};
  require_one_structure(calculation, "topology");
  require_bonds(calculation, "topology");
  return TopologyRequest{std::move(calculation)};
}

}  // namespace

Request parse_request(const Frame& frame) {
  Members members(frame.header, "the request");
  RequestArrays arrays(frame);
  Request request;
  const std::string type = members.text("type");
  request.id = read_id(members, "id");
  (void)members.find("arrays");  // read by the frame reader
  (void)members.find("payload_bytes");
  request.body = parse_body(type, members, arrays);
  arrays.finish();
  members.finish();
  return request;
}

}  // namespace mofkernel::protocol
