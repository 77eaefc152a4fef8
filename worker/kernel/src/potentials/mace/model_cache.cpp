#include "potentials/mace/model_cache.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <mutex>
#include <system_error>

namespace mofkernel::mace {
namespace {

constexpr std::size_t kMostModels = 2;

/// Of model.json and model.safetensors: when one of them is replaced, this changes.
struct Stamp {
  std::array<std::filesystem::file_time_type, 2> written{};
  std::array<std::uintmax_t, 2> sizes{};

  bool operator==(const Stamp&) const = default;
};

/// A file that is not there leaves its place as it is; read_model() says so.
Stamp stamp_of(const std::filesystem::path& folder) {
  Stamp stamp;
  const std::array<const char*, 2> names{"model.json", "model.safetensors"};
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::error_code ignored;
    stamp.written[k] = std::filesystem::last_write_time(folder / names[k], ignored);
    stamp.sizes[k] = std::filesystem::file_size(folder / names[k], ignored);
  }
  return stamp;
}

struct Entry {
  std::filesystem::path folder;
  Stamp stamp;
  std::shared_ptr<const Model> model;
};

struct Cache {
  std::mutex mutex;
  std::list<Entry> entries;  ///< used last first
};

Cache& cache() {
  static Cache instance;
  return instance;
}

}  // namespace

std::shared_ptr<const Model> load_model(const std::filesystem::path& folder) {
  const std::lock_guard lock(cache().mutex);
  std::list<Entry>& entries = cache().entries;
  const Stamp stamp = stamp_of(folder);
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.folder == folder; });
  if (found != entries.end() && found->stamp == stamp) {
    entries.splice(entries.begin(), entries, found);
    return entries.front().model;
  }
  if (found != entries.end()) entries.erase(found);
  auto model = std::make_shared<const Model>(read_model(folder));
  entries.push_front({folder, stamp, std::move(model)});
  if (entries.size() > kMostModels) entries.pop_back();
  return entries.front().model;
}

}  // namespace mofkernel::mace
