// Answers of the requests that go step by step, as frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "protocol/json.hpp"

namespace mofkernel::protocol {

// What these answers say of a step, a sample or an outcome; the command line prints the same.
json::Object members_of(const RelaxStep& step);
json::Object members_of(const RelaxOutcome& outcome);
json::Object members_of(const MdSample& sample);
json::Object members_of(const MdOutcome& outcome);

std::vector<std::byte> step_frame(const std::string& id, const RelaxStep& step);
std::vector<std::byte> relax_frame(const std::string& id, const RelaxResult& result, double kernel_seconds);
std::vector<std::byte> md_sample_frame(const std::string& id, const MdSample& sample);
std::vector<std::byte> md_frame(const std::string& id, const MdResult& result, double kernel_seconds);
std::vector<std::byte> progress_frame(const std::string& id, std::int64_t n_done, std::int64_t n_total);
/// `n_atoms` of the structure: the length of a row.
std::vector<std::byte> force_constants_frame(const std::string& id, const ForceConstants& result, std::size_t n_atoms,
                                             double kernel_seconds);
std::vector<std::byte> insertions_frame(const std::string& id, const InsertionResult& result,
                                        const InsertionOptions& options, double kernel_seconds);

}  // namespace mofkernel::protocol
