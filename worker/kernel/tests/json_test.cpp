#include "protocol/json.hpp"

#include <bit>
#include <limits>
#include <random>

#include "check.hpp"
#include "errors.hpp"

namespace mofkernel::json {

TEST(values_are_read_with_their_types) {
  const Value value = parse(R"( {"a": [1, -2.5e3, true, null], "b": {"c": "x"}, "d": {}} )");
  CHECK(value.at("a").at(0).integer() == 1);
  CHECK(value.at("a").at(1).number() == -2500.0);
  CHECK(value.at("a").at(2).boolean());
  CHECK(value.at("a").at(3).is_null());
  CHECK(value.at("b").at("c").text() == "x");
  CHECK(value.at("d").object().empty());
  CHECK(value.find("e") == nullptr);
}

TEST(an_accessor_of_another_type_is_a_bad_request) {
  const Value value = parse(R"({"a": 1.5, "b": "2"})");
  CHECK_THROWS_CODE((void)value.at("a").text(), ErrorCode::bad_request);
  CHECK_THROWS_CODE((void)value.at("a").integer(), ErrorCode::bad_request);
  CHECK_THROWS_CODE((void)value.at("b").number(), ErrorCode::bad_request);
  CHECK_THROWS_CODE((void)value.at("c"), ErrorCode::bad_request);
  CHECK_THROWS_CODE((void)value.at(0), ErrorCode::bad_request);
  CHECK_THROWS_CODE((void)Value(1e16).integer(), ErrorCode::bad_request);
}

TEST(numbers_survive_a_round_trip_exactly) {
  std::mt19937_64 random(1);
  int n_checked = 0;
  while (n_checked < 20000) {
    const double number = std::bit_cast<double>(random());
    if (!std::isfinite(number)) continue;
    CHECK(std::bit_cast<std::uint64_t>(parse(write(number)).number()) == std::bit_cast<std::uint64_t>(number));
    ++n_checked;
  }
  for (const double number : {0.0, -0.0, 0.1, 5e-324, 1.7976931348623157e308}) {
    CHECK(std::bit_cast<std::uint64_t>(parse(write(number)).number()) == std::bit_cast<std::uint64_t>(number));
  }
}

TEST(numbers_that_are_not_finite_are_refused) {
  CHECK_THROWS_CODE(Value(std::numeric_limits<double>::quiet_NaN()), ErrorCode::non_finite);
  CHECK_THROWS_CODE(Value(std::numeric_limits<double>::infinity()), ErrorCode::non_finite);
  for (const char* text : {"NaN", "Infinity", "-Infinity", "inf", "nan", "1e999", "-1e999"}) {
    CHECK_THROWS_CODE(parse(text), ErrorCode::bad_request);
  }
}

TEST(text_that_is_not_json_is_refused) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[1,]",
                           "[1 2]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{a:1}",
                           "{\"a\":1,}",
                           "{\"a\":1,\"a\":2}",
                           "tru",
                           "nul",
                           "01",
                           "+1",
                           ".5",
                           "1.",
                           "1e",
                           "1e+",
                           "-",
                           "0x10",
                           "1 2",
                           "'a'",
                           "\"a",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "\"\\ud800\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\udc00\"",
                           "\"\t\"",
                           "[1]]",
                           "\\"}) {
    CHECK_THROWS_CODE(parse(text), ErrorCode::bad_request);
  }
}

TEST(strings_are_utf8) {
  CHECK(parse(R"("\u00e9\u4e2d\ud83d\ude00\n\"\\\/")").text() == "\u00e9\u4e2d\U0001F600\n\"\\/");
  const std::string text = "\u00c5ngstr\u00f6m \u4e2d \U0001F600 \"quoted\" \\ \n\t\x01";
  CHECK(parse(write(text)).text() == text);
  CHECK(parse(write(std::string("a\0b", 3))).text() == std::string("a\0b", 3));
  // Overlong, surrogate, beyond U+10FFFF, lone continuation, cut short.
  for (const char* bytes :
       {"\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\x80\"", "\"\xE4\xB8\"", "\"\xFF\""}) {
    CHECK_THROWS_CODE(parse(bytes), ErrorCode::bad_request);
  }
  CHECK(write(std::string("a\xFF") + "b") == "\"a\\ufffdb\"");
}

TEST(depth_and_number_of_values_are_limited) {
  CHECK_THROWS_CODE(parse(std::string(1'000'000, '[')), ErrorCode::bad_request);
  CHECK_THROWS_CODE(parse(std::string(65, '[') + "1" + std::string(65, ']')), ErrorCode::bad_request);
  CHECK(parse(std::string(64, '[') + "1" + std::string(64, ']')).is_array());
  CHECK_THROWS_CODE(parse("[1,2,3]", {.depth = 64, .n_values = 3}), ErrorCode::bad_request);
  CHECK(parse("[1,2,3]", {.depth = 64, .n_values = 4}).array().size() == 3);
}

TEST(values_are_written_compactly) {
  const Value value = Object{{"b", Array{1, 2.5, false, nullptr}}, {"a", Object{}}, {"c", Array{}}};
  CHECK(write(value) == R"({"b":[1,2.5,false,null],"a":{},"c":[]})");
}

}  // namespace mofkernel::json
