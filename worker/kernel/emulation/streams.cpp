#include "streams.hpp"

#include <algorithm>
#include <cstring>

#include "device_memory.hpp"
#include "faults.hpp"
#include "host_heap.hpp"
#include "settings.hpp"

namespace mofkernel::emulation {

namespace {

OpenVector<Stream*> streams;

template <class T>
T* make() {
  return new (OpenMemory<T>().allocate(1)) T();
}

template <class T>
void destroy(T* object) {
  object->~T();
  std::free(object);
}

void run_launch(const LaunchRecord& launch) {
  open_device_memory();
  close_host_heap();
  execute(launch);
}

void copy_or_fill(const Work& work) {
  open_host_heap();
  if (work.writes_device) use_device_memory(work.to, work.bytes, "a write");
  if (work.reads_device) use_device_memory(work.from, work.bytes, "a read");
  if (work.from == nullptr) {
    std::memset(work.to, work.value, work.bytes);
  } else {
    std::memcpy(work.to, work.from, work.bytes);
  }
}

/// Does the first n.
void run_queued(Stream& stream, std::size_t n) {
  if (n == 0) return;
  watch_for_faults();
  for (std::size_t k = 0; k < n; ++k) {
    const Work& work = stream.queued[k];
    if (work.launch == nullptr) {
      copy_or_fill(work);
    } else {
      run_launch(*work.launch);
      discard(work.launch);
    }
  }
  stream.queued.erase(stream.queued.begin(), stream.queued.begin() + static_cast<std::ptrdiff_t>(n));
  close_device_memory();
  open_host_heap();
}

/// A device works when it likes: with a seed some of the queue is done before anybody waits for it.
void run_some(Stream& stream) {
  if (settings().seed == 0 || next_random() % 4 != 0) return;
  run_queued(stream, next_random() % (stream.queued.size() + 1));
}

void keep_launch(const Work& work) {
  if (work.launch != nullptr) ++work.launch->n_holders;
}

}  // namespace

Stream* make_stream() {
  streams.push_back(make<Stream>());
  return streams.back();
}

void discard_stream(Stream* stream) {
  drain(*stream);
  streams.erase(std::find(streams.begin(), streams.end(), stream));
  destroy(stream);
}

void discard_graph(Graph* graph) {
  for (const Work& work : graph->works) {
    if (work.launch != nullptr) discard(work.launch);
  }
  destroy(graph);
}

Graph* copy_graph(const Graph& graph) {
  Graph* const copy = make<Graph>();
  copy->works = graph.works;
  for (const Work& work : copy->works) keep_launch(work);
  return copy;
}

void enqueue(Stream& stream, const Work& work) {
  if (stream.recording != nullptr) {
    stream.recording->works.push_back(work);
    return;
  }
  stream.queued.push_back(work);
  run_some(stream);
}

void enqueue_graph(Stream& stream, const Graph& graph) {
  for (const Work& work : graph.works) {
    keep_launch(work);
    stream.queued.push_back(work);
  }
  run_some(stream);
}

void drain(Stream& stream) {
  if (!stream.queued.empty()) run_queued(stream, stream.queued.size());
}

void drain_all() {
  for (Stream* const stream : streams) drain(*stream);
}

bool spoil_recordings() {
  bool is_anybody_recording = false;
  for (Stream* const stream : streams) {
    if (stream->recording == nullptr) continue;
    stream->is_recording_void = true;
    is_anybody_recording = true;
  }
  return is_anybody_recording;
}

}  // namespace mofkernel::emulation
