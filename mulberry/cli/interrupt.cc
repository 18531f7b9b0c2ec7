// Catching Ctrl-C. See interrupt.h.
#include "mulberry/cli/interrupt.h"

#include <csignal>

namespace mulberry {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;

}  // namespace

void CatchInterrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int) { g_interrupted = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool Interrupted() {
  return g_interrupted != 0;
}

}  // namespace mulberry
