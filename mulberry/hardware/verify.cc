#include "mulberry/hardware/verify.h"

#include <algorithm>
#include <chrono>
#include <mutex>

#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/hardware/equivalence.h"
#include "mulberry/hardware/verification_inputs.h"
#include "mulberry/hardware/verilator.h"

namespace mulberry {
namespace {

constexpr uint64_t kPart = uint64_t{1} << 20;

class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Combination `index` of all, as VerilatedDesign::EvaluateRange has them.
void CombinationAt(const Design& design, uint64_t index, uint64_t* inputs) {
  for (size_t i = design.inputs.size(); i-- > 0;) {
    const int bits = design.inputs[i].bits;
    inputs[i] = bits == 64 ? index : index & ((uint64_t{1} << bits) - 1);
    index = bits == 64 ? 0 : index >> bits;
  }
}

/// The first of so many inputs for which the output is not the model's.
template <typename InputsOf>
std::optional<Counterexample> FirstWrong(const Design& design, const std::vector<uint64_t>& outputs,
                                         InputsOf inputs_of) {
  std::vector<uint64_t> inputs(design.inputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    inputs_of(i, inputs.data());
    const uint64_t expected = design.model(inputs.data());
    if (outputs[i] != expected) return Counterexample{inputs, outputs[i], expected};
  }
  return std::nullopt;
}

/// Simulates the combinations or vectors from `first` on.
std::optional<Counterexample> SimulatePart(const Design& design, const VerilatedDesign& simulator,
                                           const VerificationInputs* vectors, uint64_t first,
                                           uint64_t count) {
  if (vectors == nullptr) {
    std::vector<uint64_t> outputs(count);
    simulator.EvaluateRange(first, outputs);
    return FirstWrong(design, outputs, [&](uint64_t i, uint64_t* inputs) {
      CombinationAt(design, first + i, inputs);
    });
  }
  const size_t words = design.inputs.size();
  std::vector<uint64_t> inputs(count * words);
  for (uint64_t i = 0; i < count; ++i) vectors->Get(first + i, &inputs[i * words]);
  return FirstWrong(design, simulator.Evaluate(inputs), [&](uint64_t i, uint64_t* one) {
    std::copy_n(&inputs[i * words], words, one);
  });
}

}  // namespace

std::string_view Name(Finding finding) {
  switch (finding) {
    case Finding::kProved:
      return "proved";
    case Finding::kNoneFound:
      return "no fault found";
    case Finding::kWrong:
      return "WRONG";
    case Finding::kUndecided:
      return "undecided";
    case Finding::kNotTried:
      return "not tried";
  }
  return "";
}

Check VerifyBySimulation(const Design& design, const VerifyOptions& options) {
  const Stopwatch watch;
  const bool all = design.input_bits() <= options.exhaustive_bits;
  const uint64_t count = all ? uint64_t{1} << design.input_bits() : options.samples;
  const VerificationInputs vectors(design, count, options.seed);
  const VerilatedDesign simulator(design);
  const uint64_t parts = (count + kPart - 1) / kPart;
  std::mutex mutex;
  uint64_t done = 0;
  std::optional<Counterexample> wrong;
  ParallelFor(static_cast<int64_t>(parts), [&](int64_t part) {
    {
      const std::lock_guard lock(mutex);
      if (wrong) return;
    }
    const uint64_t first = static_cast<uint64_t>(part) * kPart;
    std::optional<Counterexample> found = SimulatePart(design, simulator, all ? nullptr : &vectors,
                                                       first, std::min(kPart, count - first));
    const std::lock_guard lock(mutex);
    if (found && !wrong) wrong = std::move(found);
    ++done;
    if (options.progress) options.progress(static_cast<double>(done) / static_cast<double>(parts));
  });
  Check check{"Verilog against the model, by simulation", Finding::kWrong, {}, count, wrong, 0};
  check.extent = all ? fmt::format("all {} inputs", count)
                     : fmt::format("{} of 2^{} inputs, directed and random, seed {}", count,
                                   design.input_bits(), options.seed);
  if (!wrong) check.finding = all ? Finding::kProved : Finding::kNoneFound;
  check.seconds = watch.Seconds();
  return check;
}

Check VerifyFormally(const Design& design, const LogicGraph& verilog,
                     const VerifyOptions& options) {
  const Stopwatch watch;
  Check check{.what = "Verilog against the model, formally"};
  const bool tried = design.input_bits() <= kMaxModelBits;
  if (design.latency > 0 || (!tried && !design.model_logic)) {
    check.extent = design.latency > 0
                       ? "it has a clock"
                       : fmt::format("2^{} inputs, and at most 2^{} are made into logic",
                                     design.input_bits(), kMaxModelBits);
    return check;
  }
  const LogicGraph model =
      tried ? GraphOfModelByTrying(design, verilog) : GraphOfModelLogic(design, verilog);
  const Equivalence result =
      CheckEquivalence(design, verilog, model, ProofBy::kDiagram, options.formal_seconds);
  check.extent = fmt::format("all 2^{} inputs", design.input_bits());
  check.finding = result.verdict == Equivalence::Verdict::kEqual       ? Finding::kProved
                  : result.verdict == Equivalence::Verdict::kDifferent ? Finding::kWrong
                                                                       : Finding::kUndecided;
  if (result.inputs) {
    check.counterexample =
        Counterexample{*result.inputs, VerilatedDesign(design).Evaluate(*result.inputs)[0],
                       design.model(result.inputs->data())};
    if (check.counterexample->found == check.counterexample->expected) {
      throw Error(
          "{}: the logic made of its model is not the model: the Verilog is right where "
          "they differ",
          design.spec);
    }
  }
  check.seconds = watch.Seconds();
  return check;
}

Check VerifyNetlist(const Design& design, const LogicGraph& verilog, const MappedDesign& netlist,
                    const std::string& liberty, const VerifyOptions& options) {
  const Stopwatch watch;
  Check check{.what = "netlist against the Verilog, formally", .finding = Finding::kUndecided};
  const bool narrow = design.latency == 0 && design.input_bits() <= kMaxModelBits;
  const Equivalence result = CheckEquivalence(
      design, verilog, GraphOfNetlist(design, netlist, liberty, options.formal_seconds),
      narrow ? ProofBy::kDiagram : ProofBy::kInside, options.formal_seconds);
  check.extent = fmt::format("all 2^{} inputs{}", design.input_bits(),
                             design.latency > 0 ? " and all states of the registers" : "");
  if (result.verdict == Equivalence::Verdict::kEqual) check.finding = Finding::kProved;
  if (result.verdict == Equivalence::Verdict::kDifferent) check.finding = Finding::kWrong;
  if (result.inputs) {
    Design mapped = design;
    mapped.spec = design.spec + ", its netlist";
    mapped.verilog = VerilogOfNetlist(design, netlist, liberty, options.formal_seconds);
    check.counterexample =
        Counterexample{*result.inputs, VerilatedDesign(mapped).Evaluate(*result.inputs)[0],
                       VerilatedDesign(design).Evaluate(*result.inputs)[0]};
  }
  check.seconds = watch.Seconds();
  return check;
}

std::vector<Check> Verify(const Design& design, const Library& library,
                          const VerifyOptions& options) {
  std::vector<Check> checks = {VerifyBySimulation(design, options)};
  const LogicGraph verilog = GraphOfVerilog(design, options.formal_seconds);
  checks.push_back(VerifyFormally(design, verilog, options));
  const MappedDesign mapped = Synthesise(design, library, {.adders = options.adders});
  checks.push_back(VerifyNetlist(design, verilog, mapped, library.path, options));
  return checks;
}

bool NoneWrong(const std::vector<Check>& checks) {
  return std::ranges::none_of(checks,
                              [](const Check& check) { return check.finding == Finding::kWrong; });
}

}  // namespace mulberry
