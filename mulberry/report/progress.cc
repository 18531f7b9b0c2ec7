// Drawing the progress of a run. See progress.h.
#include "mulberry/report/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace mulberry {
namespace {

constexpr int kBarWidth = 40;

double Fraction(const ProgressState& state) {
  const double epochs = state.epoch - 1 + static_cast<double>(state.batch) / state.batches;
  return epochs / state.epochs;
}

double Fraction(const SweepProgress& state) {
  return static_cast<double>(state.done) / state.runs;
}

double Seconds(ProgressDisplay::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::string FormatDuration(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

ProgressDisplay::Options ProgressDisplay::StandardErrorOptions() {
  Options options;
  const char* term = std::getenv("TERM");
  options.terminal = ::isatty(STDERR_FILENO) == 1 && !(term && std::string_view(term) == "dumb");
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    options.width = size.ws_col;
  return options;
}

ProgressDisplay::~ProgressDisplay() {
  Erase();
}

void ProgressDisplay::Start(const ProgressState& state, Clock::time_point now) {
  Start(Fraction(state), now);
}

void ProgressDisplay::Start(const SweepProgress& state, Clock::time_point now) {
  Start(Fraction(state), now);
}

void ProgressDisplay::Start(const TaskProgress& state, Clock::time_point now) {
  Start(state.done, now);
}

void ProgressDisplay::Start(double fraction, Clock::time_point now) {
  start_ = now;
  start_fraction_ = fraction;
  shown_ = now;
}

bool ProgressDisplay::Due(Clock::time_point now) {
  if (now - shown_ < (options_.terminal ? options_.redraw : options_.line)) return false;
  shown_ = now;
  return true;
}

void ProgressDisplay::Update(const ProgressState& state, Clock::time_point now) {
  if (!Due(now)) return;
  const std::string left = Left(Fraction(state), now);
  if (!options_.terminal) {
    out_ << fmt::format("{}  epoch {}/{}  batch {}/{}  loss {:.4f}  accuracy {:.2f} %  left {}\n",
                        state.run, state.epoch, state.epochs, state.batch, state.batches,
                        state.loss, state.accuracy_pct, left)
         << std::flush;
    return;
  }
  Draw(fmt::format("{}  epoch {}/{} ", state.run, state.epoch, state.epochs),
       static_cast<double>(state.batch) / state.batches,
       fmt::format(" loss {:.4f}  accuracy {:.2f} %  left {}", state.loss, state.accuracy_pct,
                   left));
}

void ProgressDisplay::Update(const SweepProgress& state, Clock::time_point now) {
  if (!Due(now)) return;
  const std::string done = fmt::format("{}  {}/{} ", state.sweep, state.done, state.runs);
  const std::string running =
      fmt::format(" {} running  left {}", state.running, Left(Fraction(state), now));
  if (!options_.terminal) {
    out_ << done << running << "\n" << std::flush;
    return;
  }
  Draw(done, Fraction(state), running);
}

void ProgressDisplay::Update(const TaskProgress& state, Clock::time_point now) {
  if (!Due(now)) return;
  const std::string task = state.task + "  ";
  const std::string left =
      fmt::format(" {:.0f} %  left {}", 100 * state.done, Left(state.done, now));
  if (!options_.terminal) {
    out_ << task << left.substr(1) << "\n" << std::flush;
    return;
  }
  Draw(task, state.done, left);
}

void ProgressDisplay::Line(const std::string& text) {
  Erase();
  out_ << text << "\n" << std::flush;
}

void ProgressDisplay::Draw(const std::string& before, double part, const std::string& after) {
  // A bar that reaches the last column would wrap on some terminals.
  const int room =
      std::min(options_.width - 3 - static_cast<int>(before.size() + after.size()), kBarWidth);
  std::string line = before;
  if (room >= 5) {
    const int full = static_cast<int>(std::clamp(part, 0.0, 1.0) * room);
    line += fmt::format("[{:#>{}}{:.>{}}]", "", full, "", room - full);
  }
  line += after;
  Erase();
  out_ << line.substr(0, static_cast<size_t>(std::max(0, options_.width - 1))) << std::flush;
  bar_drawn_ = true;
}

std::string ProgressDisplay::Left(double fraction, Clock::time_point now) const {
  if (fraction <= start_fraction_) return "?";
  return FormatDuration(Seconds(now - start_) * (1 - fraction) / (fraction - start_fraction_));
}

void ProgressDisplay::Erase() {
  if (bar_drawn_) out_ << "\r\x1b[K" << std::flush;
  bar_drawn_ = false;
}

}  // namespace mulberry
