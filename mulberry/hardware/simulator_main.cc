#include "mulberry/hardware/simulator_main.h"

#include <fmt/format.h>

namespace mulberry {
namespace {

constexpr char kLoop[] = R"cpp(
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

  double sc_time_stamp() {
    return 0;
  }

  namespace {

  void Read(void* words, size_t count) {
    if (fread(words, 8, count, stdin) != count) exit(1);
  }

  // Out and in, a block of words at a time.
  constexpr size_t kBlock = 1 << 13;

  }  // namespace

  int main() {
    VerilatedContext context;
    Vdesign design{&context};
    uint64_t request[3];
    Read(request, 3);
    const uint64_t first = request[1], count = request[2];
    std::vector<uint64_t> in(kBlock * kInputs), out;
    out.reserve(kBlock);
    const auto give = [&](uint64_t i) {
      if (request[0] == 0) {
        SetCombination(design, first + i);
      } else {
        const uint64_t at = i % kBlock;
        if (at == 0) Read(in.data(), kInputs * (count - i < kBlock ? count - i : kBlock));
        SetWords(design, &in[at * kInputs]);
      }
    };
    for (uint64_t i = 0; i < count + kLatency; ++i) {
      if (i < count) give(i);
      Step(design);
      if (i >= kLatency) out.push_back(Output(design));
      if (out.size() == kBlock) {
        if (fwrite(out.data(), 8, kBlock, stdout) != kBlock) return 1;
        out.clear();
      }
    }
    if (fwrite(out.data(), 8, out.size(), stdout) != out.size()) return 1;
    return fflush(stdout) != 0;
  }
)cpp";

std::string Mask(int bits) {
  return bits == 64 ? "~uint64_t{0}" : fmt::format("((uint64_t{{1}} << {}) - 1)", bits);
}

}  // namespace

std::string SimulatorMain(const Design& design) {
  std::string combination, words;
  int below = design.input_bits();
  for (size_t i = 0; i < design.inputs.size(); ++i) {
    const DesignPort& port = design.inputs[i];
    below -= port.bits;
    combination += below < 64 ? fmt::format("  design.{} = index >> {} & {};\n", port.name, below,
                                            Mask(port.bits))
                              : fmt::format("  design.{} = 0;\n", port.name);
    words += fmt::format("  design.{} = words[{}] & {};\n", port.name, i, Mask(port.bits));
  }
  // An edge takes the inputs that were there before it; its outputs are read after it.
  const char* step = design.latency == 0
                         ? "  design.eval();\n"
                         : "  design.clock = 0;\n  design.eval();\n  design.clock = 1;\n"
                           "  design.eval();\n";
  return fmt::format(
      "\n#include <cstdint>\nconstexpr uint64_t kInputs = {}, kLatency = {};\n"
      "static void SetCombination(Vdesign& design, uint64_t index) {{\n{}}}\n"
      "static void SetWords(Vdesign& design, const uint64_t* words) {{\n{}}}\n"
      "static void Step(Vdesign& design) {{\n{}}}\n"
      "static uint64_t Output(Vdesign& design) {{ return design.{}; }}\n{}",
      design.inputs.size(), design.latency == 0 ? 0 : design.latency - 1, combination, words, step,
      design.output.name, kLoop);
}

}  // namespace mulberry
