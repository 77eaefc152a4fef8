#include "protocol/frame.hpp"

#include <random>

#include "byte_stream.hpp"
#include "check.hpp"

namespace mofkernel::protocol {

const std::vector<double> kNumbers{0.1, -2.5, 1e300, 0.0, 5e-324, 7.0};

std::vector<std::byte> example_frame() {
  const std::vector<std::int32_t> counts{1, 2};
  const std::vector<Array> arrays{Array::make<double>("numbers", {2, 3}, std::span<const double>(kNumbers)),
                                  Array::make<std::int32_t>("counts", {2}, std::span<const std::int32_t>(counts))};
  return encode_frame({{"type", "example"}, {"id", "r1"}}, arrays);
}

TEST(a_frame_survives_a_round_trip_whatever_the_chunks) {
  std::vector<std::byte> bytes = example_frame();
  const std::vector<std::byte> again = bytes;
  bytes.insert(bytes.end(), again.begin(), again.end());
  for (const std::size_t chunk : {1UL, 2UL, 7UL, 100UL, 1000000UL}) {
    ByteStream stream(bytes, chunk);
    FrameReader reader(stream);
    for (int i = 0; i < 2; ++i) {
      const auto frame = reader.read();
      CHECK(frame.has_value() && frame->id() == "r1" && frame->arrays.size() == 2);
      CHECK(frame->arrays[0].rows<double>() == kNumbers);
      CHECK((frame->arrays[0].shape == std::vector<std::size_t>{2, 3}));
      CHECK((frame->arrays[1].rows<std::int32_t>() == std::vector<std::int32_t>{1, 2}));
    }
    CHECK(!reader.read().has_value());
  }
}

TEST(every_truncation_is_an_error_that_ends_the_stream) {
  const std::vector<std::byte> bytes = example_frame();
  for (std::size_t length = 1; length < bytes.size(); ++length) {
    ByteStream stream({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)});
    bool is_fatal = false;
    try {
      (void)FrameReader(stream).read();
    } catch (const FrameError& error) {
      is_fatal = error.is_fatal();
    }
    CHECK(is_fatal);
  }
}

TEST(a_declared_size_alone_allocates_nothing) {
  // 2 GiB announced, ten bytes sent: must fail at once, in memory that a test machine has.
  ByteStream stream(
      "{\"type\":\"evaluate\",\"id\":\"a\",\"arrays\":[{\"name\":\"x\",\"dtype\":\"u8\",\"shape\":[2147483648]}],"
      "\"payload_bytes\":2147483648}\n0123456789");
  CHECK_THROWS_CODE((void)FrameReader(stream).read(), ErrorCode::bad_request);
}

TEST(frames_that_break_a_limit_or_their_own_word_are_refused) {
  const auto is_fatal = [](const std::string& text) {
    ByteStream stream(text);
    try {
      (void)FrameReader(stream).read();
    } catch (const FrameError& error) {
      return error.is_fatal() ? 1 : 0;
    }
    return -1;
  };
  // The end of these frames cannot be known.
  CHECK(is_fatal("no json\n") == 1);
  CHECK(is_fatal("[]\n") == 1);
  CHECK(is_fatal("\n") == 1);
  CHECK(is_fatal("{\"payload_bytes\":-1}\n") == 1);
  CHECK(is_fatal("{\"payload_bytes\":1.5}\n") == 1);
  CHECK(is_fatal("{\"payload_bytes\":\"1\"}\n") == 1);
  CHECK(is_fatal("{\"payload_bytes\":2147483649}\n") == 1);
  CHECK(is_fatal("{\"payload_bytes\":1e300}\n") == 1);
  CHECK(is_fatal(std::string(kMaxHeaderBytes + 1, ' ')) == 1);
  // These are skipped, and the next frame can be read.
  CHECK(is_fatal("{\"payload_bytes\":2}\nxx") == 0);
  CHECK(is_fatal("{\"arrays\":{}}\n") == 0);
  CHECK(is_fatal("{\"arrays\":[1]}\n") == 0);
  CHECK(is_fatal("{\"arrays\":[{\"name\":\"x\",\"dtype\":\"f16\",\"shape\":[1]}],\"payload_bytes\":2}\nxx") == 0);
  CHECK(is_fatal("{\"arrays\":[{\"name\":\"x\",\"dtype\":\"f64\",\"shape\":[1]}],\"payload_bytes\":7}\nxxxxxxx") == 0);
  CHECK(is_fatal("{\"arrays\":[{\"name\":\"\",\"dtype\":\"u8\",\"shape\":[0]}]}\n") == 0);
  CHECK(is_fatal("{\"arrays\":[{\"name\":\"x\",\"dtype\":\"u8\",\"shape\":[1,1,1,1,1]}],\"payload_bytes\":1}\nx") == 0);
  CHECK(is_fatal("{\"arrays\":[{\"name\":\"x\",\"dtype\":\"u8\",\"shape\":[-1]}]}\n") == 0);
  CHECK(is_fatal("{\"arrays\":[{\"name\":\"x\",\"dtype\":\"u8\",\"shape\":[2147483648,2147483648,2147483648,4]}]}\n") ==
        0);
}

TEST(a_refused_frame_keeps_its_id_and_the_stream) {
  ByteStream stream("{\"id\":\"r7\",\"payload_bytes\":2}\nxx{\"id\":\"r8\"}\n");
  FrameReader reader(stream);
  try {
    (void)reader.read();
    CHECK(!"refused");
  } catch (const FrameError& error) {
    CHECK(error.id() == "r7");
  }
  CHECK(reader.read()->id() == "r8");
}

TEST(random_and_mutated_bytes_never_do_worse_than_an_error) {
  std::mt19937 random(7);
  const std::vector<std::byte> good = example_frame();
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> bytes = good;
    if (round % 4 == 0) {
      bytes.resize(random() % 200);
      for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & 0xFFU);
    } else {
      for (unsigned i = 0; i <= random() % 4; ++i)
        bytes[random() % bytes.size()] = static_cast<std::byte>(random() & 0xFFU);
    }
    ByteStream stream(bytes, 1 + random() % 64);
    FrameReader reader(stream);
    try {
      while (reader.read()) {
      }
    } catch (const FrameError& error) {
      CHECK(error.code() == ErrorCode::bad_request);
    }
  }
}

}  // namespace mofkernel::protocol
