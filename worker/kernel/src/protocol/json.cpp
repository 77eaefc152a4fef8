#include "protocol/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "errors.hpp"

namespace mofkernel::json {
namespace {

constexpr double kLargestExactInteger = 9007199254740992.0;  // 2^53

[[noreturn]] void refuse(const std::string& what) { throw KernelError(ErrorCode::bad_request, what); }

const char* kind_of(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_number()) return "a number";
  if (value.is_text()) return "a string";
  if (value.is_array()) return "an array";
  if (value.is_object()) return "an object";
  return "true or false";
}

[[noreturn]] void refuse_kind(const char* expected, const Value& found) {
  refuse(std::string("JSON has ") + kind_of(found) + " where " + expected + " is expected");
}

bool has_duplicate_key(const Object& object) {
  std::vector<std::string_view> keys;
  keys.reserve(object.size());
  for (const Member& member : object) keys.emplace_back(member.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

/// Number of bytes of the UTF-8 sequence at the start of `text`, 0 when it is not valid (RFC 3629).
std::size_t utf8_sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto is_continuation = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return is_continuation(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool is_overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool is_surrogate = first == 0xED && byte(1) > 0x9F;
    return is_continuation(1) && is_continuation(2) && !is_overlong && !is_surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool is_overlong = first == 0xF0 && byte(1) < 0x90;
    const bool is_too_large = first == 0xF4 && byte(1) > 0x8F;
    return is_continuation(1) && is_continuation(2) && is_continuation(3) && !is_overlong && !is_too_large ? 4 : 0;
  }
  return 0;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | (code_point >> 6U));
    put(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    put(0xE0U | (code_point >> 12U));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  } else {
    put(0xF0U | (code_point >> 18U));
    put(0x80U | ((code_point >> 12U) & 0x3FU));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  }
}

class Parser {
 public:
  Parser(std::string_view text, Limits limits) : text_(text), limits_(limits) {}

  Value parse_document() {
    Value value = parse_value(0);
    skip_white_space();
    if (at_ < text_.size()) fail("text after the end of the value");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    refuse("not valid JSON at byte " + std::to_string(at_) + ": " + what);
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] bool is_digit_next() const { return peek() >= '0' && peek() <= '9'; }

  void skip_white_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  bool take(char expected) {
    if (peek() != expected || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  Value take_word(std::string_view word, Value value) {
    if (text_.substr(at_, word.size()) != word) fail("not a value");
    at_ += word.size();
    return value;
  }

  Value parse_value(int depth) {
    skip_white_space();
    if (at_ >= text_.size()) fail("the text ends where a value is expected");
    if (depth > limits_.depth) fail("nested deeper than " + std::to_string(limits_.depth) + " levels");
    if (++n_values_ > limits_.n_values) fail("more than " + std::to_string(limits_.n_values) + " values");
    switch (peek()) {
      case '{':
        return parse_object(depth);
      case '[':
        return parse_array(depth);
      case '"':
        return parse_string();
      case 't':
        return take_word("true", true);
      case 'f':
        return take_word("false", false);
      case 'n':
        return take_word("null", nullptr);
      default:
        return parse_number();
    }
  }

  Value parse_object(int depth) {
    ++at_;
    Object object;
    skip_white_space();
    if (take('}')) return object;
    do {
      skip_white_space();
      if (peek() != '"') fail("a member's name in quotes is expected");
      std::string key = parse_string();
      skip_white_space();
      if (!take(':')) fail("':' is expected");
      object.push_back({std::move(key), parse_value(depth + 1)});
      skip_white_space();
    } while (take(','));
    if (!take('}')) fail("',' or '}' is expected");
    if (has_duplicate_key(object)) fail("an object that ends here has the same member twice");
    return object;
  }

  Value parse_array(int depth) {
    ++at_;
    Array array;
    skip_white_space();
    if (take(']')) return array;
    do {
      array.push_back(parse_value(depth + 1));
      skip_white_space();
    } while (take(','));
    if (!take(']')) fail("',' or ']' is expected");
    return array;
  }

  std::string parse_string() {
    ++at_;
    std::string out;
    while (true) {
      if (at_ >= text_.size()) fail("the text ends inside a string");
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return out;
      }
      if (c == '\\') {
        ++at_;
        parse_escape(out);
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character inside a string");
      const std::size_t length = utf8_sequence_length(text_.substr(at_));
      if (length == 0) fail("not UTF-8");
      out.append(text_.substr(at_, length));
      at_ += length;
    }
  }

  void parse_escape(std::string& out) {
    const char c = peek();
    ++at_;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        out.push_back(c);
        return;
      case 'b':
        out.push_back('\b');
        return;
      case 'f':
        out.push_back('\f');
        return;
      case 'n':
        out.push_back('\n');
        return;
      case 'r':
        out.push_back('\r');
        return;
      case 't':
        out.push_back('\t');
        return;
      case 'u':
        append_utf8(out, parse_code_point());
        return;
      default:
        --at_;
        fail("not an escape");
    }
  }

  std::uint32_t parse_code_point() {
    const std::uint32_t first = parse_four_hex_digits();
    if (first >= 0xDC00 && first <= 0xDFFF) fail("half of a surrogate pair");
    if (first < 0xD800 || first > 0xDBFF) return first;
    if (!take('\\') || !take('u')) fail("half of a surrogate pair");
    const std::uint32_t second = parse_four_hex_digits();
    if (second < 0xDC00 || second > 0xDFFF) fail("half of a surrogate pair");
    return 0x10000U + ((first - 0xD800U) << 10U) + (second - 0xDC00U);
  }

  std::uint32_t parse_four_hex_digits() {
    const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4)
      fail("four hexadecimal digits are expected");
    at_ += 4;
    return value;
  }

  void skip_digits() {
    if (!is_digit_next()) fail("not a value");
    while (is_digit_next()) ++at_;
  }

  Value parse_number() {
    const std::size_t start = at_;
    take('-');
    if (!take('0')) skip_digits();
    if (take('.')) skip_digits();
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      skip_digits();
    }
    double number = 0;
    const auto [end, error] = std::from_chars(text_.data() + start, text_.data() + at_, number);
    if (error == std::errc::result_out_of_range) fail("the number that ends here is outside the range of a double");
    if (error != std::errc() || end != text_.data() + at_) fail("not a number");
    return number;
  }

  std::string_view text_;
  Limits limits_;
  std::size_t at_ = 0;
  std::size_t n_values_ = 0;
};

void append_number(std::string& out, double number) {
  std::array<char, 32> digits;  // the shortest text of a double takes at most 24 characters
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc()) throw KernelError(ErrorCode::internal, "a number did not fit its text buffer");
  out.append(digits.data(), end);
}

void append_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  out.push_back('"');
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = utf8_sequence_length(text.substr(i));
    if (length == 0) {
      out += "\\ufffd";  // bytes from outside (a device's name) must not break the stream
      ++i;
      continue;
    }
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c < 0x20) {
      out += "\\u00";
      out.push_back(kHexDigits[c >> 4U]);
      out.push_back(kHexDigits[c & 0xFU]);
    } else {
      out.append(text.substr(i, length));
    }
    i += length;
  }
  out.push_back('"');
}

void append_value(std::string& out, const Value& value) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_number()) {
    append_number(out, value.number());
  } else if (value.is_text()) {
    append_string(out, value.text());
  } else if (value.is_array()) {
    char separator = '[';
    for (const Value& element : value.array()) {
      out.push_back(std::exchange(separator, ','));
      append_value(out, element);
    }
    out += value.array().empty() ? "[]" : "]";
  } else if (value.is_object()) {
    char separator = '{';
    for (const Member& member : value.object()) {
      out.push_back(std::exchange(separator, ','));
      append_string(out, member.key);
      out.push_back(':');
      append_value(out, member.value);
    }
    out += value.object().empty() ? "{}" : "}";
  } else {
    out += value.boolean() ? "true" : "false";
  }
}

}  // namespace

Value::Value(double value) : content_(value) {
  if (!std::isfinite(value))
    throw KernelError(ErrorCode::non_finite, "a result is not a finite number and cannot be reported");
}

Value::Value(Object value) : content_(std::move(value)) {}

bool Value::boolean() const {
  if (const bool* value = std::get_if<bool>(&content_)) return *value;
  refuse_kind("true or false", *this);
}

double Value::number() const {
  if (const double* value = std::get_if<double>(&content_)) return *value;
  refuse_kind("a number", *this);
}

std::int64_t Value::integer() const {
  const double value = number();
  if (value != std::trunc(value) || std::abs(value) > kLargestExactInteger)
    refuse("JSON has a number where a whole number is expected");
  return static_cast<std::int64_t>(value);
}

const std::string& Value::text() const {
  if (const std::string* value = std::get_if<std::string>(&content_)) return *value;
  refuse_kind("a string", *this);
}

const Array& Value::array() const {
  if (const Array* value = std::get_if<Array>(&content_)) return *value;
  refuse_kind("an array", *this);
}

const Object& Value::object() const {
  if (const Object* value = std::get_if<Object>(&content_)) return *value;
  refuse_kind("an object", *this);
}

const Value* Value::find(std::string_view key) const {
  for (const Member& member : object()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

const Value& Value::at(std::string_view key) const {
  if (const Value* value = find(key)) return *value;
  refuse("JSON object has no member \"" + std::string(key) + "\"");
}

const Value& Value::at(std::size_t index) const {
  const Array& elements = array();
  if (index < elements.size()) return elements[index];
  refuse("JSON array has " + std::to_string(elements.size()) + " elements, none with index " + std::to_string(index));
}

Value parse(std::string_view text, Limits limits) { return Parser(text, limits).parse_document(); }

std::string write(const Value& value) {
  std::string out;
  append_value(out, value);
  return out;
}

}  // namespace mofkernel::json
