#include "mulberry/cli/sweep_workers.h"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "mulberry/base/child_process.h"
#include "mulberry/base/error.h"
#include "mulberry/report/metrics.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using State = PointEnd::State;

constexpr std::chrono::milliseconds kPoll{20};

std::string LastLine(const std::string& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

class Workers {
 public:
  Workers(const Sweep& sweep, int workers, int threads, ProgressDisplay& progress)
      : sweep_(sweep),
        workers_(static_cast<size_t>(workers)),
        threads_(threads),
        progress_(progress),
        ends_(sweep.points.size()) {
    where_.sweep = sweep.out;
    where_.runs = static_cast<int>(sweep.points.size());
  }

  std::vector<PointEnd> Run(const std::function<bool()>& stop) {
    FindWaiting();
    progress_.Start(where_);
    while (!waiting_.empty() || !running_.empty()) {
      if (stop() && !stopping_) Stop();
      while (!waiting_.empty() && running_.size() < workers_) Start();
      for (auto point = running_.begin(); point != running_.end();) {
        const auto status = point->child->Poll();
        if (status) End(*point, *status);
        point = status ? running_.erase(point) : std::next(point);
      }
      where_.running = static_cast<int>(running_.size());
      progress_.Update(where_);
      std::this_thread::sleep_for(kPoll);
    }
    return std::move(ends_);
  }

 private:
  struct Running {
    size_t index;
    std::unique_ptr<ChildProcess> child;
    Clock::time_point start = Clock::now();
  };

  const std::string& FolderOf(size_t index) const { return sweep_.points[index].config.out; }
  std::string LogOf(size_t index) const { return fs::path(FolderOf(index)) / kLogFile; }

  void Say(size_t index, const std::string& what) {
    progress_.Line(fmt::format("({}/{}) {}  {}", index + 1, sweep_.points.size(),
                               sweep_.points[index].name, what));
  }

  void FindWaiting() {
    for (size_t i = 0; i < sweep_.points.size(); ++i) {
      if (!IsFinished(FolderOf(i))) {
        waiting_.push_back(i);
        continue;
      }
      ends_[i].state = State::kFinished;
      ++where_.done;
      Say(i, "finished before");
    }
  }

  void Start() {
    const size_t index = waiting_.front();
    waiting_.pop_front();
    std::vector<std::string> command = CommandOf(sweep_.points[index]);
    command.insert(command.begin(), kThisProgram);
    if (sweep_.points[index].config.threads == 0) {
      command.insert(command.end(), {"--threads", std::to_string(threads_)});
    }
    const bool resumed = fs::exists(fs::path(FolderOf(index)) / kMetricsFile);
    try {
      running_.emplace_back(index, std::make_unique<ChildProcess>(command, LogOf(index)));
      Say(index, resumed ? "resumed" : "started");
    } catch (const Error& e) {
      Fail(index, e.what());
    }
  }

  void Stop() {
    stopping_ = true;
    waiting_.clear();
    for (const Running& point : running_) point.child->Signal(SIGINT);
  }

  void Fail(size_t index, const std::string& why) {
    ends_[index] = {State::kFailed, why};
    ++where_.done;
    Say(index, "failed: " + why);
  }

  void End(const Running& point, int status) {
    if (status == 0) {
      ends_[point.index].state = State::kFinished;
      ++where_.done;
      const Metrics metrics = ReadMetrics(fs::path(FolderOf(point.index)) / kMetricsFile);
      const double seconds = std::chrono::duration<double>(Clock::now() - point.start).count();
      Say(point.index,
          fmt::format("finished  test accuracy {:.2f} %  {}",
                      metrics.epochs.back().test_accuracy_pct, FormatDuration(seconds)));
    } else if (stopping_) {
      Say(point.index, "stopped");
    } else {
      Fail(point.index, status > 128 ? fmt::format("signal {} ended it", status - 128)
                                     : LastLine(LogOf(point.index)));
    }
  }

  const Sweep& sweep_;
  const size_t workers_;
  const int threads_;
  ProgressDisplay& progress_;
  std::vector<PointEnd> ends_;
  std::deque<size_t> waiting_;
  std::vector<Running> running_;
  SweepProgress where_;
  bool stopping_ = false;
};

}  // namespace

std::string_view Name(PointEnd::State state) {
  if (state == State::kFinished) return "finished";
  return state == State::kFailed ? "failed" : "stopped";
}

std::vector<std::string> CommandOf(const SweepPoint& point) {
  return {"train", "--resume", "--out", point.config.out};
}

std::vector<PointEnd> RunPoints(const Sweep& sweep, int workers, int threads,
                                ProgressDisplay& progress, const std::function<bool()>& stop) {
  return Workers(sweep, workers, threads, progress).Run(stop);
}

}  // namespace mulberry
