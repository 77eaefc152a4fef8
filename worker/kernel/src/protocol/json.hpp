// JSON text <-> values: RFC 8259, strictly. Numbers are doubles and survive a round trip exactly.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mofkernel::json {

class Value;
struct Member;
using Array = std::vector<Value>;
/// Members in the order of the text; keys are unique.
using Object = std::vector<Member>;

/// One JSON value. Accessors of another type than the value's throw KernelError(bad_request) that says what was found.
class Value {
 public:
  // Defined below, where Member is complete: a variant of a vector of an incomplete type cannot be handled before that.
  Value();
  Value(std::nullptr_t);
  template <std::same_as<bool> T>
  Value(T value);
  /// Throws KernelError(non_finite): JSON has no word for NaN and infinity.
  Value(double value);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Value(T value);
  Value(std::string value);
  Value(std::string_view value);
  Value(const char* value);
  Value(Array value);
  Value(Object value);

  [[nodiscard]] bool is_null() const;
  [[nodiscard]] bool is_number() const;
  [[nodiscard]] bool is_text() const;
  [[nodiscard]] bool is_array() const;
  [[nodiscard]] bool is_object() const;

  [[nodiscard]] bool boolean() const;
  [[nodiscard]] double number() const;
  /// A whole number within +-2^53.
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const Array& array() const;
  [[nodiscard]] const Object& object() const;

  /// The member of an object, or null when there is none.
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// Throws KernelError(bad_request) naming the key or the index when it is not there.
  [[nodiscard]] const Value& at(std::string_view key) const;
  [[nodiscard]] const Value& at(std::size_t index) const;

 private:
  std::variant<std::nullptr_t, bool, double, std::string, Array, Object> content_;
};

struct Member {
  std::string key;
  Value value;
};

inline Value::Value() = default;
inline Value::Value(std::nullptr_t) {}
template <std::same_as<bool> T>
Value::Value(T value) : content_(value) {}
template <std::integral T>
  requires(!std::same_as<T, bool>)
Value::Value(T value) : content_(static_cast<double>(value)) {}
inline Value::Value(std::string value) : content_(std::move(value)) {}
inline Value::Value(std::string_view value) : content_(std::string(value)) {}
inline Value::Value(const char* value) : content_(std::string(value)) {}
inline Value::Value(Array value) : content_(std::move(value)) {}

inline bool Value::is_null() const { return std::holds_alternative<std::nullptr_t>(content_); }
inline bool Value::is_number() const { return std::holds_alternative<double>(content_); }
inline bool Value::is_text() const { return std::holds_alternative<std::string>(content_); }
inline bool Value::is_array() const { return std::holds_alternative<Array>(content_); }
inline bool Value::is_object() const { return std::holds_alternative<Object>(content_); }

struct Limits {
  int depth = 64;
  /// Bounds the memory: a value takes about 50 bytes, whatever its text.
  std::size_t n_values = 50'000'000;
};

/// Throws KernelError(bad_request) with the byte offset: syntax, invalid UTF-8, duplicate key, number outside the range
/// of a double, nested too deeply, too many values.
Value parse(std::string_view text, Limits limits = {});

/// The shortest text without white space from which parse() gives the same value.
std::string write(const Value& value);

}  // namespace mofkernel::json
