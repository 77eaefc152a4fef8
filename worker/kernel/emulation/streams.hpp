// Work that was given to the device and has not been done, in order; and graphs, which are such work recorded.
#pragma once

#include <cstddef>

#include "launch_record.hpp"
#include "report.hpp"

namespace mofkernel::emulation {

/// A launch, or else a copy or a fill.
struct Work {
  LaunchRecord* launch = nullptr;
  void* to = nullptr;
  const void* from = nullptr;  ///< null: a fill
  int value = 0;
  std::size_t bytes = 0;
  bool writes_device = false;
  bool reads_device = false;
};

class Graph {
 public:
  OpenVector<Work> works;
};

class Stream {
 public:
  OpenVector<Work> queued;
  Graph* recording = nullptr;  ///< while the stream is captured
  bool is_recording_void = false;
};

Stream* make_stream();
void discard_stream(Stream* stream);
void discard_graph(Graph* graph);
/// Another graph with the same work.
Graph* copy_graph(const Graph& graph);

/// Queues or records it. Takes over the launch.
void enqueue(Stream& stream, const Work& work);
void enqueue_graph(Stream& stream, const Graph& graph);
/// Does all that is queued in one stream, or in all of them.
void drain(Stream& stream);
void drain_all();
/// Is anybody recording? Then calls that a capture forbids spoil it.
bool spoil_recordings();

}  // namespace mofkernel::emulation
