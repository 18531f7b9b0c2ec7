// Progress of a run, or of a sweep of them, while it goes: a bar that redraws itself on a terminal,
// plain lines now and then where the output is a file or a pipe. Not for results, which go to
// standard output.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace mulberry {

/// Where a run is.
struct ProgressState {
  std::string run;  ///< Such as "mitchell@bf16 (3/4)".
  int epoch = 1;    ///< The present one, from 1.
  int epochs = 1;
  int64_t batch = 0;  ///< Batches of this epoch that are done.
  int64_t batches = 1;
  double loss = 0;          ///< Mean over the epoch so far.
  double accuracy_pct = 0;  ///< Likewise.
};

/// Where a sweep of runs is.
struct SweepProgress {
  std::string sweep;
  int done = 0;  ///< Runs that have ended.
  int runs = 1;
  int running = 0;
};

/// Where any other task is.
struct TaskProgress {
  std::string task;
  double done = 0;  ///< The share of it, 0 to 1.
};

class ProgressDisplay {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    bool terminal = false;
    int width = 80;                          ///< Columns of the terminal.
    std::chrono::milliseconds redraw{100};   ///< The least time between two bars.
    std::chrono::milliseconds line{10'000};  ///< The least time between two plain lines.
  };
  /// What standard error is.
  static Options StandardErrorOptions();

  ProgressDisplay(std::ostream& out, Options options) : out_(out), options_(options) {}
  /// Leaves the cursor at the start of a line.
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  /// A run, a sweep or a task begins (again): the time left is reckoned from here.
  void Start(const ProgressState& state, Clock::time_point now = Clock::now());
  void Start(const SweepProgress& state, Clock::time_point now = Clock::now());
  void Start(const TaskProgress& state, Clock::time_point now = Clock::now());
  /// Shows `state` if enough time has passed since the last one shown.
  void Update(const ProgressState& state, Clock::time_point now = Clock::now());
  void Update(const SweepProgress& state, Clock::time_point now = Clock::now());
  void Update(const TaskProgress& state, Clock::time_point now = Clock::now());
  /// A line that stays, such as an epoch's result.
  void Line(const std::string& text);

 private:
  void Start(double fraction, Clock::time_point now);
  /// Whether enough time has passed since the last one shown, which then is this one.
  bool Due(Clock::time_point now);
  void Draw(const std::string& before, double part, const std::string& after);
  std::string Left(double fraction, Clock::time_point now) const;
  void Erase();

  std::ostream& out_;
  Options options_;
  Clock::time_point start_;
  double start_fraction_ = 0;
  Clock::time_point shown_;
  bool bar_drawn_ = false;
};

/// 75.2 seconds as "1:15", 3700 as "1:01:40".
std::string FormatDuration(double seconds);

}  // namespace mulberry
