// Requests whose kernel is killed, as often as it takes, and that are sent again, end with the answer and the files of
// a request that was left alone, bit by bit. Real processes, real SIGKILL. POSIX only.
#include <map>
#include <random>

#include "check.hpp"
#include "fixtures.hpp"
#include "molecules.hpp"
#include "program.hpp"
#include "requests.hpp"
#include "scratch_folder.hpp"

namespace mofkernel::protocol {
namespace {

/// As long as an id may be, and of bytes that JSON writes as six: so that a few messages fill the pipe.
const std::string kLongId(64, '\x01');
constexpr int kRoomForFewMessages = 4096;

struct Request {
  json::Object header;
  std::vector<Array> arrays;
};

/// With the files of its run in `folder`.
std::vector<std::byte> frame_of(const Request& request, const ScratchFolder& folder) {
  const json::Object checkpoint{
      {"path", (folder / "c").string()}, {"interval_steps", 1}, {"interval_seconds", 0}, {"resume", true}};
  json::Object header = with(request.header, "checkpoint", checkpoint);
  for (json::Member& member : header) {
    if (member.key != "trajectories") continue;
    json::Object trajectory = member.value.at(0).object();
    trajectory.push_back({"path", (folder / "t").string()});
    member.value = json::Array{trajectory};
  }
  return encode_frame(std::move(header), request.arrays);
}

bool is_answer(const Frame& frame) {
  const std::string& type = frame.header.at("type").text();
  return type.ends_with("_result") || type == "error";
}

std::vector<std::byte> bytes_of_answer(const Frame& answer) {
  json::Object header;
  for (const json::Member& member : answer.header.object()) {
    // How long it took and where it began are no results; encoding adds the last two anew.
    const bool is_result = member.key != "kernel_seconds" && member.key != "resumed_from_step" &&
                           member.key != "arrays" && member.key != "payload_bytes";
    if (is_result) header.push_back(member);
  }
  return encode_frame(std::move(header), answer.arrays);
}

/// What a request ends with.
struct End {
  std::vector<std::byte> answer;
  std::map<std::string, Bytes> files;  ///< by name
  int n_messages = 0;                  ///< before the answer

  End(const Request& request, const ScratchFolder& folder) {
    Program kernel({"serve"});
    (void)kernel.receive();
    kernel.send(frame_of(request, folder));
    Frame frame = *kernel.receive();
    for (; !is_answer(frame); frame = *kernel.receive()) ++n_messages;
    CHECK(frame.header.at("type").text() != "error");
    if (frame.header.at("type").text() == "error") std::printf("  %s\n", frame.header.at("message").text().c_str());
    answer = bytes_of_answer(frame);
    for (const auto& file : std::filesystem::directory_iterator(folder / "")) {
      if (file.path().extension() != ".tmp") files[file.path().filename()] = read_file(file.path());
    }
  }
};

/// Kills the kernel at a random moment after a random number of messages. False when the request had its answer before;
/// the pipe keeps the kernel from going far ahead of what is read.
bool is_killed(const Request& request, const ScratchFolder& folder, std::mt19937& random) {
  constexpr unsigned kMostMessages = 8;
  constexpr unsigned kLongestDelay_us = 3000;
  Program kernel({"serve"}, kRoomForFewMessages);
  (void)kernel.receive();
  kernel.send(frame_of(request, folder));
  for (unsigned n = random() % kMostMessages; n > 0; --n) {
    if (is_answer(*kernel.receive())) return false;
  }
  usleep(random() % kLongestDelay_us);
  kernel.signal(SIGKILL);
  CHECK(kernel.wait() == -SIGKILL);
  return true;
}

/// Returns the files of the run that was left alone.
std::map<std::string, Bytes> check_killed_request_resumes(const Request& request, unsigned seed) {
  constexpr int kFewestMessages = 60;
  constexpr int kMostKills = 5;
  const ScratchFolder left_alone;
  const End expected(request, left_alone);
  CHECK(expected.n_messages >= kFewestMessages);
  const ScratchFolder killed;
  std::mt19937 random(seed);
  int n_kills = 0;
  while (n_kills < kMostKills && is_killed(request, killed, random)) {
    ++n_kills;
    write_bytes(killed / "c.tmp", Bytes(37, std::byte{'9'}));
  }
  CHECK(n_kills >= 2);
  const End resumed(request, killed);
  CHECK(resumed.answer == expected.answer);
  CHECK(!expected.files.empty() && resumed.files == expected.files);
  return expected.files;
}

/// `other` finds the checkpoint of `request`.
void check_other_request_is_refused(const Request& request, const Request& other) {
  const ScratchFolder folder;
  (void)End(request, folder);
  const Bytes checkpoint = read_file(folder / "c");
  Program kernel({"serve"});
  (void)kernel.receive();
  kernel.send(frame_of(other, folder));
  Frame frame = *kernel.receive();
  while (!is_answer(frame)) frame = *kernel.receive();
  CHECK(frame.header.at("type").text() == "error" && frame.header.at("code").text() == "bad_checkpoint");
  CHECK(read_file(folder / "c") == checkpoint);
}

Request changed(Request request, const std::string& key, json::Value value) {
  request.header = replaced(std::move(request.header), key, std::move(value));
  return request;
}

/// One displacement at a time.
Request force_constants(int n_displacements = 80) {
  const Structure quartz = fixtures::quartz();
  std::vector<std::int32_t> atoms;
  std::vector<std::array<double, 3>> directions;
  for (int k = 0; k < n_displacements; ++k) {
    atoms.push_back(k % quartz.n_atoms());
    directions.push_back({std::cos(1.0 * k), std::sin(1.0 * k), 0.01 * k});
  }
  Request request{with(force_constants_header(kLongId.c_str()), "memory_limit_bytes", 500'000),
                  structure_arrays({quartz})};
  request.arrays.push_back(
      Array::make<std::int32_t>("displaced_atoms", {atoms.size()}, std::span<const std::int32_t>(atoms)));
  request.arrays.push_back(
      Array::make<double>("directions", {directions.size(), 3}, std::span<const std::array<double, 3>>(directions)));
  return request;
}

/// As few at a time as there can be.
Request insertions(json::Object placements) {
  return {with(insertions_header(kLongId.c_str(), std::move(placements)), "memory_limit_bytes", 1'800'000),
          structure_arrays({make_methane_crystal()})};
}

Request random_insertions() { return insertions({{"mode", "random"}, {"n_insertions", 300'000}}); }

Request grid_insertions() { return insertions({{"mode", "grid"}, {"spacing_A", 0.3}, {"n_orientations", 40}}); }

/// Five structures, few of which fit into memory together.
Request in_parts(json::Object header) {
  const Structure crystal = make_methane_crystal();
  Structure stretched = crystal;
  for (double& x : stretched.cell[2]) x *= 1.1;
  return {with(std::move(header), "memory_limit_bytes", 200'000),
          structure_arrays({crystal, make_methane(), stretched, fixtures::methanol(), crystal})};
}

Request dynamics_in_parts() {
  json::Object header = calculation("md", kLongId.c_str());
  for (json::Member& member : json::Object{{"ensemble", "nvt_langevin"},
                                           {"timestep_fs", 0.5},
                                           {"n_steps", 30},
                                           {"temperature_k", 300},
                                           {"pressure_eV_A3", 0},
                                           {"seed", 7},
                                           {"sample_interval", 1},
                                           {"frame_interval", 0}}) {
    header.push_back(std::move(member));
  }
  header.push_back(
      {"trajectories", json::Array{json::Object{{"structure", 3}, {"format", "extxyz"}, {"interval_steps", 2}}}});
  return in_parts(std::move(header));
}

Request relaxation_in_parts() {
  return in_parts(replaced(relax_header(kLongId.c_str(), 1e-12, 30, "fixed", 0), "optimizer", "FIRE"));
}

/// The model itself takes 1.0 MB of the limit.
Request relaxation_with_mace_in_parts() {
  const json::Object options{{"folder", MOFK_TEST_REFERENCE_DIR "/mace/fixture-residual"}};
  const Request request = changed(relaxation_in_parts(), "memory_limit_bytes", 1'250'000);
  return changed(request, "potential", json::Object{{"kind", "mace"}, {"options", options}});
}

bool has_parts(const std::map<std::string, Bytes>& files) { return files.contains("c.part-0") && files.size() >= 3; }

}  // namespace

TEST(killed_force_constants_resume) { (void)check_killed_request_resumes(force_constants(), 1); }
TEST(killed_random_insertions_resume) { (void)check_killed_request_resumes(random_insertions(), 2); }
TEST(killed_grid_insertions_resume) { (void)check_killed_request_resumes(grid_insertions(), 3); }
TEST(killed_dynamics_in_parts_resumes) { CHECK(has_parts(check_killed_request_resumes(dynamics_in_parts(), 4))); }
TEST(killed_relaxation_in_parts_resumes) { CHECK(has_parts(check_killed_request_resumes(relaxation_in_parts(), 5))); }
TEST(killed_relaxation_with_mace_in_parts_resumes) {
  CHECK(has_parts(check_killed_request_resumes(relaxation_with_mace_in_parts(), 6)));
}

TEST(checkpoint_of_another_request_is_refused_and_left_alone) {
  const Request displaced = force_constants(2);
  check_other_request_is_refused(displaced, changed(displaced, "displacement_A", 0.02));
  check_other_request_is_refused(displaced, random_insertions());
  const Request inserted = insertions({{"mode", "random"}, {"n_insertions", 1000}});
  check_other_request_is_refused(inserted, changed(inserted, "temperature_k", 300));
  check_other_request_is_refused(inserted, grid_insertions());
  const Request moved = dynamics_in_parts();
  check_other_request_is_refused(moved, changed(moved, "seed", 8));
  check_other_request_is_refused(moved, relaxation_in_parts());
  check_other_request_is_refused(relaxation_with_mace_in_parts(), relaxation_in_parts());
}

}  // namespace mofkernel::protocol
