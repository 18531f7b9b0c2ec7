// How OpenMP's threads wait for work in the program: asleep, unless the user's OMP_WAIT_POLICY says
// otherwise. They spin by default, and LibTorch's and ours then take the processors from OpenBLAS,
// whose threads are its own: on two cores a native training step takes between one and two and a
// half times as long, from run to run, and no slow-down measured against it means anything.
//
// OpenMP's library reads the variable when it is loaded. The functions of .preinit_array run before
// that, which no other code of a program does.
#include <cstdlib>

namespace {

void WaitAsleep(int, char**, char**) {
  setenv("OMP_WAIT_POLICY", "passive", 0);
}

[[gnu::used, gnu::section(".preinit_array")]] void (*const kWaitAsleep)(int, char**,
                                                                        char**) = &WaitAsleep;

}  // namespace
