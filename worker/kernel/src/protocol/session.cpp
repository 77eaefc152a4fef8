#include "protocol/session.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "adsorption/placement_plan.hpp"
#include "protocol/answers.hpp"
#include "protocol/requests.hpp"
#include "protocol/run_answers.hpp"

namespace mofkernel::protocol {
namespace {

constexpr std::size_t kMaxWaitingRequests = 64;

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// A request between its arrival and its answer.
struct Job {
  Request request;
  std::atomic<bool> is_cancelled{false};

  explicit Job(Request r) : request(std::move(r)) {}
};

class Session {
 public:
  Session(Peer& peer, const Devices& devices) : peer_(peer), devices_(devices) {}

  int run() {
    send(hello_frame());
    std::thread reader([this] { read_all(); });
    while (const std::shared_ptr<Job> job = next_job()) {
      const std::vector<std::byte> answer = answer_to(*job);
      finish_job(*job);
      send(answer);
      // Nothing works any more on a device that is lost, not even in a new context of this process.
      if (has_lost_device_) stop(kExitFailed);
    }
    reader.join();
    return exit_code_;
  }

 private:
  // --- reader thread

  void read_all() {
    FrameReader frames(peer_);
    int exit_code = kExitOk;
    try {
      while (std::optional<Frame> frame = read_frame(frames)) accept(*frame);
    } catch (const FrameError& error) {
      send(error_frame(error.id(), error));
      exit_code = kExitBadInput;
    } catch (const std::bad_alloc&) {
      send(error_frame(std::nullopt, KernelError(ErrorCode::out_of_memory, "no memory is left to read the request")));
      exit_code = kExitFailed;
    }
    stop(exit_code);
  }

  /// Frames that are refused but leave the stream readable are answered here.
  std::optional<Frame> read_frame(FrameReader& frames) {
    while (true) {
      try {
        return frames.read();
      } catch (const FrameError& error) {
        if (error.is_fatal()) throw;
        send(error_frame(error.id(), error));
      }
    }
  }

  void accept(const Frame& frame) {
    try {
      auto job = std::make_shared<Job>(parse_request(frame));
      if (std::holds_alternative<CancelRequest>(job->request.body)) {
        send(answer_to(*job));
      } else {
        add_job(std::move(job));
      }
    } catch (const KernelError& error) {
      send(error_frame(frame.id(), error));
    }
  }

  void add_job(std::shared_ptr<Job> job) {
    const std::lock_guard lock(jobs_mutex_);
    for (const auto& other : jobs_) {
      if (other->request.id == job->request.id) {
        throw KernelError(ErrorCode::bad_request,
                          "a request with this id is still being served; give every request its own");
      }
    }
    if (jobs_.size() >= kMaxWaitingRequests) {
      throw KernelError(ErrorCode::bad_request, "64 requests are waiting already; wait for an answer before the next");
    }
    jobs_.push_back(std::move(job));
    jobs_changed_.notify_all();
  }

  bool cancel_job(const std::string& target) {
    const std::lock_guard lock(jobs_mutex_);
    for (const auto& job : jobs_) {
      if (job->request.id != target) continue;
      job->is_cancelled = true;
      return true;
    }
    return false;
  }

  void stop(int exit_code) {
    {
      const std::lock_guard lock(jobs_mutex_);
      if (!is_stopping_) exit_code_ = exit_code;
      is_stopping_ = true;
      for (const auto& job : jobs_) job->is_cancelled = true;
      jobs_changed_.notify_all();
    }
    peer_.leave(exit_code);
  }

  // --- calling thread (cancel requests: reader thread)

  std::shared_ptr<Job> next_job() {
    std::unique_lock lock(jobs_mutex_);
    jobs_changed_.wait(lock, [this] { return is_stopping_ || !jobs_.empty(); });
    return is_stopping_ ? nullptr : jobs_.front();
  }

  /// Before the answer is sent: who reads it may use the id again.
  void finish_job(const Job& job) {
    const std::lock_guard lock(jobs_mutex_);
    std::erase_if(jobs_, [&](const auto& other) { return other.get() == &job; });
  }

  std::vector<std::byte> answer_to(const Job& job) {
    const std::string& id = job.request.id;
    try {
      return std::visit([&](const auto& body) { return answer(job, body); }, job.request.body);
    } catch (const KernelError& error) {
      has_lost_device_ = error.code() == ErrorCode::device_lost;
      return error_frame(id, error);
    } catch (const std::bad_alloc&) {
      return error_frame(id, KernelError(ErrorCode::out_of_memory, "the computer has no memory left for this request"));
    } catch (const std::exception& error) {
      return error_frame(id, KernelError(ErrorCode::internal, std::string("unexpected error: ") + error.what()));
    }
  }

  std::vector<std::byte> answer(const Job& job, const DevicesRequest& /*request*/) {
    return devices_frame(job.request.id, devices_.list());
  }

  std::vector<std::byte> answer(const Job& job, const TopologyRequest& request) {
    const Calculation& calculation = request.calculation;
    return topology_frame(job.request.id,
                          uff4mof::assign_terms(calculation.structures.front(), calculation.potential.uff4mof));
  }

  std::vector<std::byte> answer(const Job& job, const EvaluateRequest& request) {
    const Stopwatch watch;
    const Calculation& calculation = request.calculation;
    const Evaluation evaluation =
        engine_for(calculation).evaluate(calculation.structures, calculation.potential, request.want);
    return evaluate_frame(job.request.id, evaluation, request.want, watch.seconds());
  }

  std::vector<std::byte> answer(const Job& job, const RelaxRequest& request) {
    const Stopwatch watch;
    const Calculation& calculation = request.calculation;
    const auto on_step = [&](const RelaxStep& step) { send(step_frame(job.request.id, step)); };
    const RelaxResult result = engine_for(calculation)
                                   .relax(calculation.structures, calculation.potential, request.options,
                                          control_of(job, request.run), on_step);
    return relax_frame(job.request.id, result, watch.seconds());
  }

  std::vector<std::byte> answer(const Job& job, const MdRequest& request) {
    const Stopwatch watch;
    const Calculation& calculation = request.calculation;
    const auto on_sample = [&](const MdSample& sample) { send(md_sample_frame(job.request.id, sample)); };
    const MdResult result = engine_for(calculation)
                                .run_md(calculation.structures, calculation.potential, request.options,
                                        control_of(job, request.run), on_sample);
    return md_frame(job.request.id, result, watch.seconds());
  }

  std::vector<std::byte> answer(const Job& job, const ForceConstantsRequest& request) {
    const Stopwatch watch;
    const Calculation& calculation = request.calculation;
    const auto n_rows = static_cast<std::int64_t>(request.options.atoms.size());
    const auto on_progress = [&](int n_done) { send(progress_frame(job.request.id, n_done, n_rows)); };
    const ForceConstants result = engine_for(calculation)
                                      .force_constants(calculation.structures.front(), calculation.potential,
                                                       request.options, control_of(job, request.run), on_progress);
    return force_constants_frame(job.request.id, result, calculation.n_atoms(), watch.seconds());
  }

  std::vector<std::byte> answer(const Job& job, const InsertionsRequest& request) {
    const Stopwatch watch;
    const Calculation& calculation = request.calculation;
    const std::int64_t n_placements =
        adsorption::plan_placements(calculation.structures.front(), request.options).n_placements;
    const auto on_progress = [&](std::int64_t n_done) { send(progress_frame(job.request.id, n_done, n_placements)); };
    const InsertionResult result = engine_for(calculation)
                                       .insert(calculation.structures.front(), calculation.potential, request.options,
                                               control_of(job, request.run), on_progress);
    return insertions_frame(job.request.id, result, request.options, watch.seconds());
  }

  std::vector<std::byte> answer(const Job& job, const CancelRequest& request) {
    return cancel_frame(job.request.id, cancel_job(request.target));
  }

  Engine& engine_for(const Calculation& calculation) {
    std::unique_ptr<Engine>& engine = engines_[{calculation.device, calculation.precision}];
    if (!engine) engine = devices_.make_engine(calculation.device, calculation.precision);
    engine->set_memory_limit(calculation.memory_limit_bytes);
    return *engine;
  }

  /// Made when the request's turn has come: its deadline counts from now.
  static RunControl control_of(const Job& job, const RunPlan& plan) {
    RunControl control{.is_cancelled = [&job] { return job.is_cancelled.load(); }, .checkpoint = plan.checkpoint};
    if (plan.deadline_seconds) {
      const std::chrono::duration<double> left(*plan.deadline_seconds);
      control.deadline =
          std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(left);
    }
    return control;
  }

  // --- both

  void send(const std::vector<std::byte>& frame) {
    const std::lock_guard lock(output_mutex_);
    if (!peer_.write(frame)) peer_.leave(kExitFailed);
  }

  Peer& peer_;
  const Devices& devices_;
  std::map<std::pair<std::string, Precision>, std::unique_ptr<Engine>> engines_;
  bool has_lost_device_ = false;

  std::mutex output_mutex_;
  std::mutex jobs_mutex_;
  std::condition_variable jobs_changed_;
  std::deque<std::shared_ptr<Job>> jobs_;  ///< in order of arrival; the first is being served
  bool is_stopping_ = false;
  int exit_code_ = kExitOk;
};

}  // namespace

int run_session(Peer& peer, const Devices& devices) { return Session(peer, devices).run(); }

}  // namespace mofkernel::protocol
