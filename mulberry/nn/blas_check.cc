// The reference BLAS is known by two globals of its C interface, which no other library has.
#include "mulberry/nn/blas_check.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <memory>

namespace mulberry {
namespace {

constexpr const char* kReferenceBlasSymbols[] = {"RowMajorStrg", "CBLAS_CallFromC"};

struct Close {
  void operator()(void* library) const { dlclose(library); }
};

struct Free {
  void operator()(char* text) const { std::free(text); }
};

}  // namespace

std::optional<std::string> SlowBlasWarning(const std::string& library) {
  const std::unique_ptr<void, Close> handle(dlopen(library.c_str(), RTLD_LAZY | RTLD_LOCAL));
  if (!handle) return std::nullopt;
  for (const char* symbol : kReferenceBlasSymbols) {
    if (dlsym(handle.get(), symbol) == nullptr) return std::nullopt;
  }
  return fmt::format(
      "the BLAS under LibTorch is the reference BLAS, {}: native matrix products will be tens of "
      "times slower than they need be. Install OpenBLAS (Debian: apt-get install "
      "libopenblas0-pthread), which then serves as the system's BLAS, and start again.",
      library);
}

std::optional<std::string> SlowBlasWarning() {
  void* sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info info{};
  if (sgemm == nullptr || dladdr(sgemm, &info) == 0 || info.dli_fname == nullptr) {
    return std::nullopt;
  }
  const std::unique_ptr<char, Free> path(realpath(info.dli_fname, nullptr));
  return path ? SlowBlasWarning(std::string(path.get())) : std::nullopt;
}

}  // namespace mulberry
