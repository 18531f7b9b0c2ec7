// One running circuit program (circuit_runner.h) in a process group of its own, so that whatever a
// user's function does ends there. It keeps crashes and endless loops away from this process; it is
// no protection from code that means harm.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "mulberry/circuits/circuit_runner.h"

namespace mulberry {

/// What a user's code may use.
struct CircuitLimits {
  double seconds = 10;        ///< For a batch of at most 65536 products.
  double start_seconds = 10;  ///< For what comes before, such as C++'s constructors.
  uint64_t memory_bytes = uint64_t{4} << 30;  ///< Of address space, in each process.
};

/// How a batch ended.
struct BatchEnd {
  enum class Kind : uint8_t { kDone, kExit, kSignal, kTimeout };

  Kind kind = Kind::kDone;
  int code = 0;           ///< The exit status or the signal.
  uint32_t progress = 0;  ///< Unless done: the pair that was at work.
};

/// What happened, as in "it crashed with signal 11 (Segmentation fault)".
std::string Description(const BatchEnd& end, double seconds);

class CircuitChild {
 public:
  /// Starts the program. Throws Error that names it where the system refuses.
  CircuitChild(const std::filesystem::path& program, const CircuitLimits& limits);
  /// Kills its process group.
  ~CircuitChild();
  CircuitChild(const CircuitChild&) = delete;
  CircuitChild& operator=(const CircuitChild&) = delete;

  /// The memory that is shared with the program.
  MulberryBatch& batch() { return *batch_; }

  /// Waits until it has started and has filled in the types.
  BatchEnd AwaitStart() { return AwaitReply(0, limits_.start_seconds); }
  /// Computes the products of the first `count` operands in the batch, 1 to kMaxBatch. Once this
  /// was not kDone the process is gone.
  BatchEnd Run(uint32_t count);
  /// Nobody has killed it while it was waiting.
  bool alive() const;

 private:
  BatchEnd AwaitReply(uint32_t expected, double seconds);
  /// Ends the process, if it has not ended by itself.
  BatchEnd ReasonOfEnd(bool timed_out);
  /// Kills its process group; the status it ended with.
  int Kill();

  CircuitLimits limits_;
  MulberryBatch* batch_ = nullptr;
  int socket_ = -1;
  pid_t process_ = -1;
};

}  // namespace mulberry
