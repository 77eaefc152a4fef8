// A session of the protocol inside the test's process: frames go in and come out through memory.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "geometry/structure.hpp"
#include "protocol/session.hpp"

namespace mofkernel::protocol {

/// A pipe: reading waits for bytes or for the end.
class BytePipe : public ByteSource {
 public:
  std::size_t read(std::span<std::byte> into) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_closed_ || !bytes_.empty(); });
    const std::size_t n = std::min(into.size(), bytes_.size());
    std::copy_n(bytes_.begin(), n, into.begin());
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(n));
    return n;
  }

  void write(std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    changed_.notify_all();
  }

  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::byte> bytes_;
  bool is_closed_ = false;
};

class Conversation : private Peer {
 public:
  explicit Conversation(Devices devices = {})
      : devices_(std::move(devices)), answers_(from_kernel_), session_([this] {
          exit_code_ = run_session(*this, devices_);
          from_kernel_.close();
        }) {}

  ~Conversation() override { finish(); }

  void send(std::span<const std::byte> bytes) { to_kernel_.write(bytes); }
  void send(json::Object header, std::span<const Array> arrays = {}) {
    to_kernel_.write(encode_frame(std::move(header), arrays));
  }
  void send_text(std::string_view text) { to_kernel_.write(std::as_bytes(std::span(text))); }

  /// The next frame of the kernel; throws when it has none left.
  Frame receive() {
    std::optional<Frame> frame = answers_.read();
    if (!frame) throw std::runtime_error("the session has ended");
    return std::move(*frame);
  }

  std::string receive_type() { return receive().header.at("type").text(); }

  /// Closes the input and waits for the end; the exit code.
  int finish() {
    to_kernel_.close();
    if (session_.joinable()) session_.join();
    return exit_code_;
  }

 private:
  std::size_t read(std::span<std::byte> into) override { return to_kernel_.read(into); }
  bool write(std::span<const std::byte> bytes) override {
    from_kernel_.write(bytes);
    return true;
  }
  // The test's own process stays; the session finds its input closed and stops by itself.
  void leave(int /*exit_code*/) override { to_kernel_.close(); }

  Devices devices_;
  BytePipe to_kernel_;
  BytePipe from_kernel_;
  FrameReader answers_;
  int exit_code_ = -1;
  std::thread session_;
};

inline std::vector<Array> structure_arrays(const std::vector<Structure>& structures) {
  std::vector<std::array<std::array<double, 3>, 3>> cells;
  std::vector<std::array<std::uint8_t, 3>> pbc;
  std::vector<std::array<double, 3>> positions;
  std::vector<std::int32_t> atomic_numbers;
  std::vector<std::int32_t> n_atoms;
  for (const Structure& s : structures) {
    cells.push_back(s.cell);
    pbc.push_back({s.pbc[0], s.pbc[1], s.pbc[2]});
    positions.insert(positions.end(), s.positions.begin(), s.positions.end());
    atomic_numbers.insert(atomic_numbers.end(), s.atomic_numbers.begin(), s.atomic_numbers.end());
    n_atoms.push_back(s.n_atoms());
  }
  const std::size_t n = structures.size();
  return {Array::make<double>("cells", {n, 3, 3}, std::span<const std::array<std::array<double, 3>, 3>>(cells)),
          Array::make<std::uint8_t>("pbc", {n, 3}, std::span<const std::array<std::uint8_t, 3>>(pbc)),
          Array::make<double>("positions", {positions.size(), 3}, std::span<const std::array<double, 3>>(positions)),
          Array::make<std::int32_t>("atomic_numbers", {atomic_numbers.size()},
                                    std::span<const std::int32_t>(atomic_numbers)),
          Array::make<std::int32_t>("n_atoms", {n}, std::span<const std::int32_t>(n_atoms))};
}

}  // namespace mofkernel::protocol
