// Trajectory files: the bytes of both formats, and what is left of a file after an error, a kill and a resume.
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

#include "trajectory/trajectory_file.hpp"

#ifndef _WIN32
#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "check.hpp"
#include "cli/extxyz.hpp"
#include "errors.hpp"
#include "scratch_folder.hpp"
#include "striking_files.hpp"
#include "trajectory/extxyz_text.hpp"

namespace mofkernel {
namespace {

using Vector = std::array<double, 3>;

constexpr std::array kFormats{TrajectoryFormat::extxyz, TrajectoryFormat::binary};

Structure make_structure() {
  return {.cell = {{{10.1, 0, 0}, {0, 9.7, 0}, {0, 0, 12}}},
          .pbc = {true, true, false},
          .positions = {{0, 0, 0}, {1, 1, 1}, {2, 2, 2}},
          .atomic_numbers = {6, 8, 30}};
}

/// Frame k as in reference/run_files/make_run_files.py.
MdSample make_sample(int k) {
  const auto vectors = [k](double factor) {
    std::vector<Vector> out(3);
    for (int i = 0; i < 3; ++i) {
      for (int axis = 0; axis < 3; ++axis)
        out[static_cast<std::size_t>(i)][static_cast<std::size_t>(axis)] = (9 * k + 3 * i + axis - 5) * factor;
    }
    return out;
  };
  MdSample sample;
  sample.step = 50 * k;
  sample.time_fs = 50 * k * 0.5;
  sample.potential_energy_eV = (k + 1) * -1.1;
  sample.kinetic_energy_eV = (k + 1) * 0.07;
  sample.conserved_energy_eV = (k + 1) * -1.03;
  sample.temperature_k = (k + 1) * 99.9;
  sample.pressure_eV_A3 = (k + 1) * 1e-5;
  sample.has_frame = true;
  sample.cell = {{{10.1, 0, 0}, {(k + 1) * 0.3, 9.7, 0}, {0, 0, 12}}};
  sample.positions = vectors(0.37);
  sample.velocities = vectors(1.7e-4);
  sample.forces = vectors(-0.0123456789012);
  return sample;
}

TrajectoryPlan plan_of(TrajectoryFormat format, const std::filesystem::path& path) {
  return {.structure = 0, .format = format, .path = path, .interval_steps = 50};
}

/// Appends the frames [first, end) to a file that is kept up to `keep_bytes`; returns its size afterwards.
std::int64_t write_frames(const TrajectoryPlan& plan, std::int64_t keep_bytes, int first, int end) {
  const auto file = open_trajectory(plan, make_structure(), keep_bytes);
  for (int k = first; k < end; ++k) file->append(make_sample(k));
  return file->flush();
}

Bytes reference(const char* name) {
  return read_file(std::filesystem::path(MOFK_TEST_REFERENCE_DIR) / "run_files" / name);
}

}  // namespace

TEST(files_are_those_of_the_description) {
  const ScratchFolder folder;
  write_frames(plan_of(TrajectoryFormat::extxyz, folder / "t"), 0, 0, 3);
  CHECK(read_file(folder / "t") == reference("trajectory.extxyz"));
  write_frames(plan_of(TrajectoryFormat::binary, folder / "t"), 0, 0, 3);
  CHECK(read_file(folder / "t") == reference("trajectory_v1.mofj"));
}

TEST(extended_xyz_frame_is_the_structure) {
  const ScratchFolder folder;
  write_frames(plan_of(TrajectoryFormat::extxyz, folder / "t"), 0, 1, 2);
  const Structure read = cli::read_extxyz((folder / "t").string());
  const MdSample sample = make_sample(1);
  CHECK(read.cell == sample.cell && read.pbc == make_structure().pbc);
  CHECK(read.atomic_numbers == make_structure().atomic_numbers);
  for (std::size_t i = 0; i < 3; ++i) {
    // Eight decimals.
    for (std::size_t axis = 0; axis < 3; ++axis)
      CHECK_CLOSE(read.positions[i][axis], sample.positions[i][axis], 0.51e-8, 0);
  }
}

TEST(columns_are_rounded_to_their_decimals) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> exponent(-12, 6);
  for (int round = 0; round < 20'000; ++round) {
    const double value = (round % 2 == 0 ? 1 : -1) * std::pow(10, exponent(random));
    std::string text;
    append_rounded_columns(text, {value, 0, -0.0}, 8);
    CHECK(text.ends_with(" 0.00000000 0.00000000") && text.find('.') + 9 == text.find(' ', 1));
    // Half a decimal, and the rounding of a double that is multiplied by 1e8 and read again.
    CHECK_CLOSE(std::strtod(text.c_str(), nullptr), value, 0.5e-8, 4e-16);
    CHECK(std::abs(value) > 0.5e-8 || text.starts_with(" 0."));  // no minus zero
  }
  for (const double absurd : {1e300, -1e9, std::nan(""), -HUGE_VAL}) {
    std::string text;
    append_rounded_columns(text, {absurd, absurd, absurd}, 8);
    const double read = std::strtod(text.c_str(), nullptr);
    CHECK(std::isnan(absurd) ? std::isnan(read) : read == absurd);
  }
}

TEST(molecule_has_no_lattice) {
  const ScratchFolder folder;
  Structure molecule = make_structure();
  molecule.pbc = {false, false, false};
  MdSample sample = make_sample(0);
  sample.pressure_eV_A3.reset();
  open_trajectory(plan_of(TrajectoryFormat::extxyz, folder / "t"), molecule, 0)->append(sample);
  const std::string text = read_text(folder / "t");
  CHECK(text.find("Lattice") == std::string::npos && text.find("pressure") == std::string::npos);
  CHECK(text.find("pbc=\"F F F\"") != std::string::npos);
}

TEST(samples_without_a_frame_are_not_written) {
  const ScratchFolder folder;
  MdSample sample = make_sample(0);
  sample.has_frame = false;
  const auto file = open_trajectory(plan_of(TrajectoryFormat::extxyz, folder / "t"), make_structure(), 0);
  file->append(sample);
  CHECK(file->flush() == 0);
}

TEST(continued_file_is_the_file_of_one_go) {
  for (const TrajectoryFormat format : kFormats) {
    const ScratchFolder folder;
    const TrajectoryPlan whole = plan_of(format, folder / "whole");
    write_frames(whole, 0, 0, 5);
    const TrajectoryPlan resumed = plan_of(format, folder / "resumed");
    const std::int64_t kept = write_frames(resumed, 0, 0, 2);
    write_frames(resumed, kept, 2, 4);  // two frames that the checkpoint does not know of
    const Bytes torn(7, std::byte{'1'});
    native_files().open(resumed.path)->append(torn);
    write_frames(resumed, kept, 2, 5);
    CHECK(read_file(resumed.path) == read_file(whole.path));
  }
}

TEST(starting_anew_forgets_what_was_there) {
  for (const TrajectoryFormat format : kFormats) {
    const ScratchFolder folder;
    const TrajectoryPlan plan = plan_of(format, folder / "t");
    write_frames(plan, 0, 0, 1);
    const Bytes one_frame = read_file(plan.path);
    write_frames(plan, 0, 0, 4);
    write_frames(plan, 0, 0, 1);
    CHECK(read_file(plan.path) == one_frame);
  }
}

TEST(files_that_do_not_belong_to_the_checkpoint_are_refused_untouched) {
  for (const TrajectoryFormat format : kFormats) {
    const ScratchFolder folder;
    const TrajectoryPlan plan = plan_of(format, folder / "t");
    CHECK_THROWS_CODE(open_trajectory(plan, make_structure(), 100), ErrorCode::bad_checkpoint);  // not there
    const std::int64_t size = write_frames(plan, 0, 0, 3);
    const Bytes before = read_file(plan.path);
    CHECK_THROWS_CODE(open_trajectory(plan, make_structure(), size + 1), ErrorCode::bad_checkpoint);
    CHECK_THROWS_CODE(open_trajectory(plan, make_structure(), size - 1), ErrorCode::bad_checkpoint);
    CHECK_THROWS_CODE(open_trajectory(plan, make_structure(), 5), ErrorCode::bad_checkpoint);
    Structure other = make_structure();
    other.atomic_numbers.push_back(1);
    CHECK_THROWS_CODE(open_trajectory(plan, other, size), ErrorCode::bad_checkpoint);
    const TrajectoryFormat other_format =
        format == TrajectoryFormat::binary ? TrajectoryFormat::extxyz : TrajectoryFormat::binary;
    CHECK_THROWS_CODE(open_trajectory(plan_of(other_format, plan.path), make_structure(), size),
                      ErrorCode::bad_checkpoint);
    CHECK(read_file(plan.path) == before);
  }
}

TEST(damaged_last_frame_of_a_binary_file_is_refused) {
  const ScratchFolder folder;
  const TrajectoryPlan plan = plan_of(TrajectoryFormat::binary, folder / "t");
  const std::int64_t size = write_frames(plan, 0, 0, 3);
  Bytes damaged = read_file(plan.path);
  damaged[damaged.size() - 20] ^= std::byte{1};
  write_bytes(plan.path, damaged);
  CHECK_THROWS_CODE(open_trajectory(plan, make_structure(), size), ErrorCode::bad_checkpoint);
}

TEST(failed_append_leaves_whole_frames) {
  for (const TrajectoryFormat format : kFormats) {
    const ScratchFolder folder;
    const TrajectoryPlan plan = plan_of(format, folder / "t");
    std::vector<Bytes> whole;  // the file with so many frames
    for (int n_frames = 0; n_frames < 3; ++n_frames) {
      write_frames(plan, 0, 0, n_frames);
      whole.push_back(read_file(plan.path));
    }
    std::size_t n_appended = 0;
    for (int at = 0;; ++at) {
      StrikingFiles files(at, fail_with_full_disk);
      std::unique_ptr<TrajectoryFile> file;
      n_appended = 0;
      try {
        file = open_trajectory(plan, make_structure(), 0, files);
        for (int k = 0; k < 3; ++k, ++n_appended) file->append(make_sample(k));
      } catch (const KernelError& error) {
        CHECK(error.code() == ErrorCode::file_error);
      }
      if (!files.has_struck()) break;
      if (file) CHECK(read_file(plan.path) == whole[n_appended]);
    }
    CHECK(n_appended == 3);
  }
}

#ifndef _WIN32
TEST(full_disk_in_mid_frame_leaves_whole_frames_that_can_be_continued) {
  for (const TrajectoryFormat format : kFormats) {
    const ScratchFolder folder;
    const TrajectoryPlan plan = plan_of(format, folder / "t");
    const auto two_frames = static_cast<rlim_t>(write_frames(plan, 0, 0, 2));
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{two_frames + 10, before.rlim_max};
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    const auto file = open_trajectory(plan, make_structure(), static_cast<std::int64_t>(two_frames));
    setrlimit(RLIMIT_FSIZE, &small);
    CHECK_THROWS_CODE(file->append(make_sample(2)), ErrorCode::file_error);
    CHECK(std::filesystem::file_size(plan.path) == two_frames);
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    file->append(make_sample(2));
    file->flush();
    write_frames(plan_of(format, folder / "whole"), 0, 0, 3);
    CHECK(read_file(plan.path) == read_file(folder / "whole"));
  }
}

TEST(kill_in_mid_frame_is_undone_by_continuing) {
  for (const TrajectoryFormat format : kFormats) {
    const ScratchFolder folder;
    const TrajectoryPlan plan = plan_of(format, folder / "t");
    write_frames(plan_of(format, folder / "whole"), 0, 0, 4);
    const std::int64_t kept = write_frames(plan, 0, 0, 2);
    int n_killed = 0;
    while (true) {
      const pid_t child = fork();
      if (child == 0) {
        StrikingFiles files(n_killed, [] { raise(SIGKILL); });
        const auto file = open_trajectory(plan, make_structure(), kept, files);
        for (int k = 2; k < 4; ++k) file->append(make_sample(k));
        _exit(0);
      }
      int status = 0;
      waitpid(child, &status, 0);
      if (WIFEXITED(status)) break;
      ++n_killed;
    }
    CHECK(n_killed == 6);  // open, cut, and two halves of two frames
    CHECK(read_file(plan.path) == read_file(folder / "whole"));
  }
}
#endif

}  // namespace mofkernel
