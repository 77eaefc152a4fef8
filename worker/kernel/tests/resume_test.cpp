// A run that was killed, as often as it takes, and resumed leaves the files of a run that was left alone, bit by bit.
// Real processes, real SIGKILL. POSIX only.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string>

#include "check.hpp"
#include "cli/extxyz.hpp"
#include "fixtures.hpp"
#include "geometry/element_symbols.hpp"
#include "protocol/json.hpp"
#include "running_program.hpp"
#include "scratch_folder.hpp"

namespace mofkernel {
namespace {

using Words = std::vector<std::string>;

/// One benzene in a triclinic cell that is shorter than the cutoff: every kind of term, and images of itself.
void write_crystal(const std::filesystem::path& path) {
  const Structure benzene = fixtures::benzene();
  std::ofstream file(path);
  file << benzene.n_atoms() << "\nLattice=\"7.4 0 0 0.6 7.1 0 -0.4 0.9 5.2\" pbc=\"T T T\"\n";
  for (std::size_t i = 0; i < benzene.positions.size(); ++i) {
    file << symbol_of(benzene.atomic_numbers[i]);
    for (const double x : benzene.positions[i]) file << " " << x;
    file << "\n";
  }
}

/// A run's command and the files that it leaves.
struct Command {
  Words words;
  std::vector<std::string> files;
};

Words split(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

Command md_command(const std::string& ensemble, const std::string& trajectory, const std::string& n_threads = "1") {
  return {split("md --steps 1500 --temperature 250 --pressure-gpa 1 --seed 7 --timestep 1 --barostat-time 200 "
                "--sample 10 --trajectory-every 15 --checkpoint-every-steps 90 --ensemble " +
                ensemble + " --threads " + n_threads),
          {trajectory, "c"}};
}

Command relax_command(const std::string& optimizer) {
  return {split("relax --cell full --fmax 1e-12 --max-steps 400 --checkpoint-every-steps 13 --threads 1 --optimizer " +
                optimizer),
          {"relaxed.extxyz", "c"}};
}

/// The command with its files in `folder`.
Words words_in(const ScratchFolder& folder, const Command& command, const Words& more = {}) {
  write_crystal(folder / "crystal.xyz");
  Words words = command.words;
  words.push_back((folder / "crystal.xyz").string());
  words.insert(words.end(), {command.words.front() == "md" ? "--trajectory" : "--out",
                             (folder / command.files.front()).string(), "--checkpoint", (folder / "c").string()});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

int run(const Words& words) { return RunningProgram(words).wait(); }

/// Starts the command and strikes at a random moment after a random number of lines. False when it ended before; its
/// lead over the reader is limited, so that happens only near the end of a run.
bool is_struck(const Words& words, std::mt19937& random, int signal, int expected_exit) {
  constexpr unsigned kMostLines = 25;
  constexpr unsigned kLongestDelay_us = 3000;
  RunningProgram program(words);
  for (unsigned n = random() % kMostLines; n > 0; --n) {
    if (!program.read_line()) break;
  }
  usleep(random() % kLongestDelay_us);
  program.signal(signal);
  const int exit = program.wait();
  CHECK(exit == expected_exit || exit == 0);
  return exit != 0;
}

void check_same_files(const Command& command, const ScratchFolder& left_alone, const ScratchFolder& other) {
  for (const std::string& name : command.files) {
    const Bytes expected = read_file(left_alone / name);
    CHECK(!expected.empty() && read_file(other / name) == expected);
  }
}

/// A process that was killed may have left these; nobody may take them for more than they are.
void leave_debris(const ScratchFolder& folder, const Command& command) {
  const Bytes debris(37, std::byte{'9'});
  write_bytes(folder / "c.tmp", debris);
  if (command.words.front() == "md" && std::filesystem::exists(folder / "c"))
    native_files().open(folder / command.files.front())->append(debris);
}

void check_killed_run_resumes(const Command& command, unsigned seed) {
  const ScratchFolder left_alone;
  CHECK(run(words_in(left_alone, command)) == 0);
  std::mt19937 random(seed);
  constexpr int kMostKills = 8;
  const ScratchFolder killed;
  const Words words = words_in(killed, command, {"--resume"});
  int n_kills = 0;
  while (n_kills < kMostKills && is_struck(words, random, SIGKILL, -SIGKILL)) {
    ++n_kills;
    leave_debris(killed, command);
  }
  CHECK(n_kills >= 2);
  CHECK(run(words) == 0);
  check_same_files(command, left_alone, killed);
}

std::string text_of_error(const Words& words, int expected_exit) {
  const ScratchFolder folder;
  const int saved = dup(STDERR_FILENO);
  std::FILE* const file = std::fopen((folder / "stderr").c_str(), "w");
  dup2(fileno(file), STDERR_FILENO);
  const int exit = run(words);
  dup2(saved, STDERR_FILENO);
  close(saved);
  std::fclose(file);
  CHECK(exit == expected_exit);
  return read_text(folder / "stderr");
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST(killed_nve_resumes) { check_killed_run_resumes(md_command("nve", "t.extxyz"), 1); }
TEST(killed_langevin_resumes) { check_killed_run_resumes(md_command("nvt_langevin", "t.mofj", "2"), 2); }
TEST(killed_nose_hoover_resumes) { check_killed_run_resumes(md_command("nvt_nose_hoover", "t.extxyz"), 3); }
TEST(killed_isotropic_npt_resumes) { check_killed_run_resumes(md_command("npt_isotropic", "t.mofj"), 4); }
TEST(killed_full_npt_resumes) { check_killed_run_resumes(md_command("npt_full", "t.extxyz"), 5); }

TEST(killed_run_with_charges_in_mixed_precision_resumes) {
  // Its wave vectors belong to a cell, its unit of length to a geometry: both are those of the run that was killed.
  Command command = md_command("npt_full", "t.extxyz");
  command.words.insert(command.words.end(), {"--charges", "eqeq", "--precision", "mixed"});
  check_killed_run_resumes(command, 6);
}

TEST(killed_run_with_mace_resumes) {
  Command command{split("md --steps 300 --temperature 10 --seed 7 --timestep 0.02 --sample 10 --trajectory-every 15 "
                        "--checkpoint-every-steps 30 --ensemble nvt_langevin --threads 2 --precision float32"),
                  {"t.mofj", "c"}};
  command.words.insert(command.words.end(), {"--mace", MOFK_TEST_REFERENCE_DIR "/mace/fixture-agnostic"});
  check_killed_run_resumes(command, 8);
}

TEST(killed_relaxations_resume) {
  unsigned seed = 10;
  for (const char* const optimizer : {"LBFGS", "BFGS", "FIRE", "MDMin"})
    check_killed_run_resumes(relax_command(optimizer), ++seed);
}

TEST(run_with_checkpoints_by_the_clock_resumes) {
  Command command = md_command("nvt_langevin", "t.extxyz");
  command.words.insert(command.words.end(), {"--checkpoint-every-seconds", "0.003"});
  check_killed_run_resumes(command, 20);
}

TEST(interrupted_run_keeps_its_state_and_goes_on) {
  const Command command = md_command("npt_full", "t.extxyz");
  const ScratchFolder left_alone;
  const ScratchFolder interrupted;
  CHECK(run(words_in(left_alone, command)) == 0);
  constexpr int kInterrupted = 130;
  std::mt19937 random(30);  // its first number is not 0: a line has been read, so the program listens to signals
  CHECK(is_struck(words_in(interrupted, command), random, SIGTERM, kInterrupted));
  CHECK(run(words_in(interrupted, command, {"--resume"})) == 0);
  check_same_files(command, left_alone, interrupted);
}

TEST(deadline_stops_and_the_next_run_goes_on) {
  const Command command = md_command("nvt_nose_hoover", "t.mofj");
  const ScratchFolder left_alone;
  const ScratchFolder stopped;
  CHECK(run(words_in(left_alone, command)) == 0);
  constexpr int kDeadline = 3;
  CHECK(run(words_in(stopped, command, {"--deadline", "0.000001"})) == kDeadline);
  CHECK(run(words_in(stopped, command, {"--resume"})) == 0);
  check_same_files(command, left_alone, stopped);
}

TEST(finished_run_that_is_resumed_stays_as_it_is) {
  const Command command = md_command("nvt_langevin", "t.extxyz");
  const ScratchFolder once;
  const ScratchFolder twice;
  CHECK(run(words_in(once, command)) == 0);
  CHECK(run(words_in(twice, command)) == 0);
  CHECK(run(words_in(twice, command, {"--resume"})) == 0);
  check_same_files(command, once, twice);
}

TEST(files_that_do_not_fit_are_refused_and_left_alone) {
  const Command command = md_command("nve", "t.extxyz");
  const ScratchFolder folder;
  CHECK(run(words_in(folder, command, {"--deadline", "0.000001"})) == 3);
  const Words resumed = words_in(folder, command, {"--resume"});
  const Bytes trajectory = read_file(folder / "t.extxyz");
  const Bytes checkpoint = read_file(folder / "c");

  CHECK(has(text_of_error(words_in(folder, command), 2), "--overwrite starts anew"));
  Words other_seed = resumed;
  *std::ranges::find(other_seed, "7") = "8";
  CHECK(has(text_of_error(other_seed, 2), "bad_checkpoint"));
  CHECK(has(text_of_error(words_in(folder, command, {"--resume", "--cutoff", "12"}), 2), "another potential"));

  write_bytes(folder / "t.extxyz", std::span(trajectory).first(trajectory.size() - 1));
  CHECK(has(text_of_error(resumed, 2), "put the file back, or start the run anew"));
  std::filesystem::remove(folder / "t.extxyz");
  CHECK(has(text_of_error(resumed, 2), "is not there"));
  write_bytes(folder / "t.extxyz", trajectory);

  Bytes damaged = checkpoint;
  damaged[damaged.size() / 2] ^= std::byte{1};
  write_bytes(folder / "c", damaged);
  CHECK(has(text_of_error(resumed, 2), "delete it and start the run anew"));
  CHECK(read_file(folder / "t.extxyz") == trajectory);
  write_bytes(folder / "c", checkpoint);
  CHECK(run(resumed) == 0);
}

TEST(relaxed_file_is_read_again_with_its_charges) {
  const ScratchFolder folder;
  std::ofstream(folder / "co.xyz") << "2\nLattice=\"8 0 0 0 8 0 0 0 8\" Properties=species:S:1:pos:R:3:"
                                      "initial_charges:R:1\nC 0 0 0 0.125\nO 0 0 1.2 -0.125\n";
  const std::string out = (folder / "relaxed.extxyz").string();
  CHECK(run({"relax", (folder / "co.xyz").string(), "--cell", "fixed", "--fallback", "uff", "--out", out}) == 0);
  const Structure relaxed = cli::read_extxyz(out);
  CHECK(relaxed.charges == (std::vector<double>{0.125, -0.125}));
  CHECK(relaxed.atomic_numbers == (std::vector<int>{6, 8}) && relaxed.cell[2][2] == 8);
}

TEST(summary_counts_the_steps_of_all_runs) {
  const Command command = md_command("nve", "t.extxyz");
  const ScratchFolder folder;
  RunningProgram first(words_in(folder, command));
  std::string last;
  while (const auto line = first.read_line()) last = *line;
  const json::Value summary = json::parse(last);
  CHECK(summary.at("type").text() == "md_summary" && summary.at("end_state").text() == "completed");
  CHECK(summary.at("steps").integer() == 1500 && summary.at("resumed_from_step").integer() == 0);
  CHECK(summary.at("n_atoms").integer() == 12 && summary.at("n_list_builds").integer() >= 1);
  const double seconds = summary.at("seconds_of_steps").number();
  CHECK(seconds > 0 && seconds < summary.at("wall_seconds").number());
  CHECK(std::abs(summary.at("ns_per_atom_step").number() / (1e9 * seconds / (1500 * 12)) - 1) < 1e-6);
}

}  // namespace mofkernel
