// Models stay in memory between requests: reading one and checking its checksum takes as long as many evaluations. Host
// only.
#pragma once

#include <filesystem>
#include <memory>

#include "potentials/mace/model.hpp"

namespace mofkernel::mace {

/// The model of `folder` as its files are now, read anew only when they have changed. The few used last are kept for
/// the whole process. Thread-safe. Throws what read_model() throws.
std::shared_ptr<const Model> load_model(const std::filesystem::path& folder);

}  // namespace mofkernel::mace
