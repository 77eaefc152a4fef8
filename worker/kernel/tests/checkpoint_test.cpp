// Checkpoints: what was written is read, whatever is damaged is refused, and a write that fails or dies leaves the old
// one.
#include "checkpoint/checkpoint.hpp"

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>

#ifndef _WIN32
#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "check.hpp"
#include "checkpoint/checkpoint_clock.hpp"
#include "errors.hpp"
#include "files/crc32.hpp"
#include "scratch_folder.hpp"
#include "striking_files.hpp"

namespace mofkernel {
namespace {

constexpr int kVersion = 3;

Checkpoint make_checkpoint(double first) {
  Checkpoint checkpoint("md", kVersion);
  const std::vector<double> positions{
      first, -0.0, 1e-310, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), 0.1};
  checkpoint.put("positions", std::span<const double>(positions));
  checkpoint.put("step", std::numeric_limits<std::int64_t>::max());
  checkpoint.put("empty", std::span<const double>());
  const std::vector<std::int64_t> random_state{-1, 0, std::numeric_limits<std::int64_t>::min()};
  checkpoint.put("random_state", std::span<const std::int64_t>(random_state));
  return checkpoint;
}

double first_of(const std::filesystem::path& path) {
  return read_checkpoint(path, "md", kVersion).doubles("positions").front();
}

/// The refusal's sentence, empty when the file was read.
std::string refusal(const std::filesystem::path& path) {
  try {
    (void)read_checkpoint(path, "md", kVersion);
    return "";
  } catch (const KernelError& error) {
    CHECK(error.code() == ErrorCode::bad_checkpoint);
    return error.what();
  }
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A file with this JSON text and these values whose sizes and checksum are right.
Bytes file_with(std::string text, const Bytes& values) {
  Bytes bytes;
  append_text(bytes, "\x89MOFC\r\n\x1a");
  append_value(bytes, std::uint32_t{1});
  append_value(bytes, static_cast<std::uint32_t>(text.size()));
  append_value(bytes, std::uint64_t{24 + text.size() + values.size() + 4});
  append_text(bytes, text);
  bytes.insert(bytes.end(), values.begin(), values.end());
  append_value(bytes, crc32(bytes));
  return bytes;
}

}  // namespace

TEST(checksum_is_the_one_of_zlib) {
  const auto checksum = [](std::string_view text) { return crc32(std::as_bytes(std::span(text))); };
  CHECK(checksum("") == 0);
  CHECK(checksum("123456789") == 0xCBF43926);  // the check value of CRC-32/ISO-HDLC
  // Python 3.11: zlib.crc32(bytes(range(256)) * 5 + b"abc") and, for every start inside a word, of the rest.
  Bytes bytes;
  for (int i = 0; i < 5 * 256; ++i) bytes.push_back(static_cast<std::byte>(i & 0xFF));
  for (const char c : {'a', 'b', 'c'}) bytes.push_back(static_cast<std::byte>(c));
  CHECK(crc32(bytes) == 0x6AE32228);
  CHECK(crc32(std::span(bytes).subspan(5)) == 0xFEEC3C72);
}

TEST(values_come_back_bit_by_bit) {
  const ScratchFolder folder;
  write_checkpoint(make_checkpoint(0.3), folder / "c");
  const Checkpoint read = read_checkpoint(folder / "c", "md", kVersion);
  const Checkpoint expected = make_checkpoint(0.3);
  CHECK(read.entries().size() == expected.entries().size());
  for (std::size_t i = 0; i < expected.entries().size(); ++i)
    CHECK(read.entries()[i].first == expected.entries()[i].first);
  const auto positions = read.doubles("positions", 6);
  const auto expected_positions = expected.doubles("positions");
  for (std::size_t i = 0; i < positions.size(); ++i)
    CHECK(std::bit_cast<std::uint64_t>(positions[i]) == std::bit_cast<std::uint64_t>(expected_positions[i]));
  CHECK(read.integer("step") == std::numeric_limits<std::int64_t>::max());
  CHECK(read.integers("random_state", 3) == expected.integers("random_state", 3));
  CHECK(read.has("empty") && read.doubles("empty").empty());
  CHECK(!read.has("velocities"));
  CHECK(read.kind() == "md" && read.version() == kVersion);
}

TEST(same_state_gives_the_same_file) {
  const ScratchFolder folder;
  write_checkpoint(make_checkpoint(2), folder / "a");
  write_checkpoint(make_checkpoint(2), folder / "b");
  CHECK(read_file(folder / "a") == read_file(folder / "b"));
}

TEST(values_of_another_kind_are_refused_with_their_name) {
  const Checkpoint checkpoint = make_checkpoint(1);
  CHECK_THROWS_CODE((void)checkpoint.doubles("velocities"), ErrorCode::bad_checkpoint);
  CHECK_THROWS_CODE((void)checkpoint.doubles("positions", 5), ErrorCode::bad_checkpoint);
  CHECK_THROWS_CODE((void)checkpoint.number("step"), ErrorCode::bad_checkpoint);
  CHECK_THROWS_CODE((void)checkpoint.integer("positions"), ErrorCode::bad_checkpoint);
  Checkpoint twice("md", 1);
  twice.put("step", std::int64_t{1});
  CHECK_THROWS_CODE(twice.put("step", std::int64_t{2}), ErrorCode::internal);
}

TEST(every_flipped_bit_is_detected) {
  const ScratchFolder folder;
  write_checkpoint(make_checkpoint(1), folder / "c");
  const Bytes whole = read_file(folder / "c");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes damaged = whole;
      damaged[i] ^= static_cast<std::byte>(1U << bit);
      write_bytes(folder / "d", damaged);
      CHECK(!refusal(folder / "d").empty());
    }
  }
}

TEST(every_truncation_and_every_tail_is_detected) {
  const ScratchFolder folder;
  write_checkpoint(make_checkpoint(1), folder / "c");
  const Bytes whole = read_file(folder / "c");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    write_bytes(folder / "d", std::span(whole).first(n));
    CHECK(!refusal(folder / "d").empty());
  }
  for (const std::size_t n : {1U, 4U, 8U}) {
    Bytes longer = whole;
    longer.resize(longer.size() + n);
    write_bytes(folder / "d", longer);
    CHECK(has(refusal(folder / "d"), "delete it and start the run anew"));
  }
}

TEST(files_that_are_no_checkpoints_are_refused) {
  const ScratchFolder folder;
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Bytes bytes(random() % 300);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & 0xFFU);
    write_bytes(folder / "d", bytes);
    CHECK(has(refusal(folder / "d"), "is no checkpoint of mofkernel"));
  }
  CHECK_THROWS_CODE((void)read_checkpoint(folder / "missing", "md", kVersion), ErrorCode::file_error);
  CHECK_THROWS_CODE((void)read_checkpoint(folder / "", "md", kVersion), ErrorCode::file_error);
}

TEST(sizes_beyond_the_file_are_refused) {
  const ScratchFolder folder;
  const Bytes one_value(8);
  const auto refusal_of = [&](const std::string& entries, const Bytes& values) {
    write_bytes(folder / "d",
                file_with(R"({"kind":"md","version":3,"kernel_version":"1","entries":)" + entries + "}\n", values));
    return refusal(folder / "d");
  };
  CHECK(refusal_of(R"([{"name":"x","type":"f64","n_values":1}])", one_value).empty());
  for (const char* const n_values : {"2", "0", "-1", "1.5", "9007199254740992", "1e300", "\"1\"", "null"}) {
    CHECK(!refusal_of(R"([{"name":"x","type":"f64","n_values":)" + std::string(n_values) + "}]", one_value).empty());
  }
  CHECK(!refusal_of(R"([{"name":"x","type":"f32","n_values":1}])", one_value).empty());
  CHECK(!refusal_of(R"([{"name":"x","type":"f64","n_values":1},{"name":"x","type":"f64","n_values":0}])", one_value)
             .empty());
  CHECK(!refusal_of("7", one_value).empty());
  Bytes long_text = file_with("{}\n", {});
  long_text[12] = long_text[13] = long_text[14] = long_text[15] = std::byte{0xFF};
  long_text.resize(long_text.size() - 4);
  append_value(long_text, crc32(long_text));
  write_bytes(folder / "d", long_text);
  CHECK(!refusal(folder / "d").empty());
}

TEST(other_kinds_versions_and_formats_say_what_they_are) {
  const ScratchFolder folder;
  write_checkpoint(Checkpoint("relax", kVersion), folder / "c");
  CHECK(has(refusal(folder / "c"), "\"relax\", not \"md\""));
  write_checkpoint(Checkpoint("md", kVersion + 1), folder / "c");
  CHECK(has(refusal(folder / "c"), "go on with the program that wrote it"));
  write_checkpoint(make_checkpoint(1), folder / "c");
  Bytes future = read_file(folder / "c");
  future[8] = std::byte{2};
  write_bytes(folder / "c", future);
  CHECK(has(refusal(folder / "c"), "has format 2, this mofkernel reads format 1"));
}

TEST(file_of_another_writer_is_read) {
  const auto path = std::filesystem::path(MOFK_TEST_REFERENCE_DIR) / "run_files" / "checkpoint_v1.bin";
  const Checkpoint checkpoint = read_checkpoint(path, "md", 1);
  CHECK(checkpoint.doubles("positions", 3) == (std::vector<double>{0.1, -2.5, 1e300}));
  CHECK(checkpoint.integer("step") == 9007199254740993);
}

TEST(checkpoint_is_due_when_either_interval_has_passed) {
  using std::chrono::milliseconds;
  const CheckpointClock::Clock::time_point start{};
  CheckpointPlan plan{.path = "c", .interval_steps = 10, .interval_seconds = 2};
  CheckpointClock clock(plan, 100, start);
  CHECK(!clock.is_due(109, start + milliseconds(1999)));
  CHECK(clock.is_due(110, start));
  CHECK(clock.is_due(100, start + milliseconds(2000)));
  clock.restart(113, start + milliseconds(5000));
  CHECK(!clock.is_due(122, start + milliseconds(6999)));
  CHECK(clock.is_due(123, start + milliseconds(5000)));
  plan = {.path = "c"};
  CHECK(!CheckpointClock(plan, 0, start).is_due(1'000'000, start + std::chrono::hours(1000)));
  plan = {.path = {}, .interval_steps = 1, .interval_seconds = 1};
  CHECK(!CheckpointClock(plan, 0, start).is_due(1'000'000, start + std::chrono::hours(1000)));
}

TEST(failed_write_leaves_the_old_checkpoint_and_no_litter) {
  const ScratchFolder folder;
  int n_points = 0;
  while (true) {
    write_checkpoint(make_checkpoint(1), folder / "c");
    StrikingFiles files(n_points, fail_with_full_disk);
    try {
      write_checkpoint(make_checkpoint(2), folder / "c", files);
    } catch (const KernelError& error) {
      CHECK(error.code() == ErrorCode::file_error);
    }
    if (!files.has_struck()) break;
    ++n_points;
    const bool is_renamed = n_points == 6;  // only the folder's sync is left
    CHECK_CLOSE(first_of(folder / "c"), is_renamed ? 2 : 1, 0, 0);
    CHECK(!std::filesystem::exists(folder / "c.tmp"));
  }
  CHECK(n_points == 6);
  CHECK_CLOSE(first_of(folder / "c"), 2, 0, 0);
}

#ifndef _WIN32
TEST(killed_write_leaves_the_old_checkpoint_or_the_new_one) {
  const ScratchFolder folder;
  int n_killed = 0;
  while (true) {
    write_checkpoint(make_checkpoint(1), folder / "c");  // over whatever temporary file the last round left
    const pid_t child = fork();
    if (child == 0) {
      StrikingFiles files(n_killed, [] { raise(SIGKILL); });
      write_checkpoint(make_checkpoint(2), folder / "c", files);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) break;
    CHECK(WTERMSIG(status) == SIGKILL);
    ++n_killed;
    CHECK_CLOSE(first_of(folder / "c"), n_killed == 6 ? 2 : 1, 0, 0);
  }
  CHECK(n_killed == 6);
  CHECK_CLOSE(first_of(folder / "c"), 2, 0, 0);
}

TEST(full_disk_is_a_file_error_and_the_old_checkpoint_stays) {
  const ScratchFolder folder;
  write_checkpoint(make_checkpoint(1), folder / "c");
  Checkpoint large("md", kVersion);
  large.put("positions", std::vector<double>(100'000, 1.5));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{100'000, before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  CHECK_THROWS_CODE(write_checkpoint(large, folder / "c"), ErrorCode::file_error);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK_CLOSE(first_of(folder / "c"), 1, 0, 0);
  CHECK(!std::filesystem::exists(folder / "c.tmp"));
}

TEST(folder_that_is_not_there_is_a_file_error) {
  const ScratchFolder folder;
  CHECK_THROWS_CODE(write_checkpoint(make_checkpoint(1), folder / "no/c"), ErrorCode::file_error);
  write_checkpoint(make_checkpoint(1), folder / "file");
  CHECK_THROWS_CODE(write_checkpoint(make_checkpoint(1), folder / "file/c"), ErrorCode::file_error);
}
#endif

}  // namespace mofkernel
