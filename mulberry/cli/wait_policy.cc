// How threads wait for work in the program: asleep, unless the user's OMP_WAIT_POLICY and
// OPENBLAS_THREAD_TIMEOUT say otherwise. By default they spin for a while, and OpenMP's, which are
// LibTorch's and ours, and OpenBLAS's then take the processors from each other: on two cores a
// native training step takes between one and two and a half times as long, from run to run, and the
// simulated product after a native one twice as long. No slow-down measured so means anything.
//
// The libraries read the variables when they are loaded. The functions of .preinit_array run before
// that, which no other code of a program does.
#include <cstdlib>

namespace {

void WaitAsleep(int, char**, char**) {
  setenv("OMP_WAIT_POLICY", "passive", 0);
  setenv("OPENBLAS_THREAD_TIMEOUT", "4", 0);  // 2^4 ticks of the clock, the least that it allows.
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const kWaitAsleep)(int, char**,
                                                                        char**) = &WaitAsleep;

}  // namespace
