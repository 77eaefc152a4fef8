#include "errors.hpp"

namespace mofkernel {

const char* error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_request:
      return "bad_request";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::bad_structure:
      return "bad_structure";
    case ErrorCode::atom_typing:
      return "atom_typing";
    case ErrorCode::non_finite:
      return "non_finite";
    case ErrorCode::out_of_memory:
      return "out_of_memory";
    case ErrorCode::no_device:
      return "no_device";
    case ErrorCode::device_lost:
      return "device_lost";
    case ErrorCode::unsupported_architecture:
      return "unsupported_architecture";
    case ErrorCode::bad_checkpoint:
      return "bad_checkpoint";
    case ErrorCode::file_error:
      return "file_error";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace mofkernel
