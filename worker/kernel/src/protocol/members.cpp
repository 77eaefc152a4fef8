#include "protocol/members.hpp"

#include <algorithm>
#include <sstream>

#include "protocol/frame.hpp"

namespace mofkernel::protocol {

void refuse(const std::string& message) { throw KernelError(ErrorCode::bad_request, message); }

Members::Members(const json::Value& object, std::string what) : object_(object), what_(std::move(what)) {
  if (!object.is_object()) refuse(what_ + " is not a JSON object");
}

const json::Value* Members::find(std::string_view key) {
  seen_.push_back(key);
  return object_.find(key);
}

const json::Value& Members::at(std::string_view key) {
  const json::Value* value = find(key);
  if (value == nullptr) refuse(what_ + " has no \"" + std::string(key) + "\"");
  return *value;
}

void Members::refuse_member(std::string_view key, const std::string& why) const {
  refuse("\"" + std::string(key) + "\" of " + what_ + ": " + why);
}

std::string Members::text(std::string_view key) {
  return get(key, [](const json::Value& value) { return value.text(); });
}

double Members::number(std::string_view key) {
  return get(key, [](const json::Value& value) { return value.number(); });
}

double Members::number(std::string_view key, Bounds bounds) {
  const double value = number(key);
  const bool is_large_enough = bounds.excludes_least ? value > bounds.least : value >= bounds.least;
  if (is_large_enough && value <= bounds.most) return value;
  std::ostringstream why;
  why << value << (bounds.excludes_least ? " is not above " : " is not at least ") << bounds.least << " and at most "
      << bounds.most;
  refuse_member(key, why.str());
}

bool Members::boolean(std::string_view key) {
  return get(key, [](const json::Value& value) { return value.boolean(); });
}

std::int64_t Members::whole(std::string_view key, std::int64_t least) {
  const std::int64_t value = get(key, [](const json::Value& v) { return v.integer(); });
  if (value < least) refuse_member(key, std::to_string(value) + " is not at least " + std::to_string(least));
  return value;
}

int Members::count(std::string_view key, int least, int most) {
  const std::int64_t value = whole(key, least);
  if (value > most) refuse_member(key, std::to_string(value) + " is not at most " + std::to_string(most));
  return static_cast<int>(value);
}

std::filesystem::path Members::path(std::string_view key) {
  const std::string utf8 = text(key);
  if (utf8.find('\0') != std::string::npos) refuse_member(key, "a path has no zero byte");
  const std::filesystem::path path(std::u8string(utf8.begin(), utf8.end()));
  if (!path.is_absolute()) refuse_member(key, "\"" + utf8 + "\" is not an absolute path");
  return path;
}

void Members::finish() const {
  for (const json::Member& member : object_.object()) {
    if (std::find(seen_.begin(), seen_.end(), member.key) == seen_.end())
      refuse(what_ + " has the unknown member \"" + member.key + "\"");
  }
}

std::string read_id(Members& members, std::string_view key) {
  std::string id = members.text(key);
  if (id.empty() || id.size() > kMaxNameBytes)
    refuse("\"" + std::string(key) + "\" has 1 to " + std::to_string(kMaxNameBytes) + " bytes");
  return id;
}

}  // namespace mofkernel::protocol
