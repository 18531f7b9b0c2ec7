#include "mulberry/circuits/circuit_process.h"

#include <algorithm>
#include <bit>
#include <mutex>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/sha256.h"
#include "mulberry/circuits/circuit_types.h"

namespace mulberry {
namespace {

uint64_t LowBits(int bits) {
  return bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
}

std::string OperandText(uint32_t encoding, int bits, bool is_signed, bool is_float) {
  if (is_float) return fmt::format("{} ({:#010x})", std::bit_cast<float>(encoding), encoding);
  return fmt::format("{}", ValueOf(encoding, bits, is_signed));
}

class ProcessCircuit : public Circuit {
 public:
  ProcessCircuit(const std::filesystem::path& program, const std::string& program_digest,
                 const CircuitShape& shape, const std::string& description,
                 const CircuitLimits& limits)
      : Circuit(shape, description,
                Sha256().Add(program_digest).Add(" as ").Add(Name(shape)).Digest()),
        program_(program),
        limits_(limits) {
    std::unique_ptr<CircuitChild> first = Start();
    const unsigned(&types)[3] = first->batch().types;
    extension_ = FitTypes({types[0], types[1], types[2]}, shape, description);
    Return(std::move(first));
  }

  void Evaluate(const uint32_t* a, const uint32_t* b, uint64_t* products, size_t n) const override {
    std::unique_ptr<CircuitChild> child = Take();
    for (size_t begin = 0; begin < n; begin += kMaxBatch) {
      const auto count = static_cast<uint32_t>(std::min<size_t>(n - begin, kMaxBatch));
      EvaluateBatch(*child, a + begin, b + begin, products + begin, count);
    }
    Return(std::move(child));
  }

  void Renew() const override {
    const std::lock_guard lock(mutex_);
    idle_.clear();
  }

 private:
  std::unique_ptr<CircuitChild> Start() const {
    auto child = std::make_unique<CircuitChild>(program_, limits_);
    const BatchEnd end = child->AwaitStart();
    if (end.kind == BatchEnd::Kind::kDone) return child;
    throw Error("{}: before its first product {}", description(),
                Description(end, limits_.start_seconds));
  }

  std::unique_ptr<CircuitChild> Take() const {
    {
      const std::lock_guard lock(mutex_);
      while (!idle_.empty()) {
        std::unique_ptr<CircuitChild> child = std::move(idle_.back());
        idle_.pop_back();
        if (child->alive()) return child;
      }
    }
    return Start();
  }

  void Return(std::unique_ptr<CircuitChild> child) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(child));
  }

  BatchEnd Compute(CircuitChild& child, const uint32_t* a, const uint32_t* b,
                   uint32_t count) const {
    const auto a_mask = static_cast<uint32_t>(LowBits(shape().is_float ? 32 : shape().a_bits));
    const auto b_mask = static_cast<uint32_t>(LowBits(shape().is_float ? 32 : shape().b_bits));
    MulberryBatch& batch = child.batch();
    batch.extend[0] = extension_.a;
    batch.extend[1] = extension_.b;
    for (uint32_t i = 0; i < count; ++i) {
      batch.a[i] = a[i] & a_mask;
      batch.b[i] = b[i] & b_mask;
    }
    return child.Run(count);
  }

  void EvaluateBatch(CircuitChild& child, const uint32_t* a, const uint32_t* b, uint64_t* products,
                     uint32_t count) const {
    const BatchEnd end = Compute(child, a, b, count);
    if (end.kind != BatchEnd::Kind::kDone) {
      const uint32_t at = std::min(end.progress, count - 1);
      Blame(end, a[at], b[at], at, count);
    }
    const uint64_t mask = LowBits(shape().product_bits());
    for (uint32_t i = 0; i < count; ++i) products[i] = child.batch().products[i] & mask;
  }

  [[noreturn]] void Blame(const BatchEnd& end, uint32_t a, uint32_t b, uint32_t at,
                          uint32_t count) const {
    const std::string operands = fmt::format(
        "a = {}, b = {}", OperandText(a, shape().a_bits, shape().a_signed, shape().is_float),
        OperandText(b, shape().b_bits, shape().b_signed, shape().is_float));
    const BatchEnd alone = Compute(*Start(), &a, &b, 1);
    if (alone.kind != BatchEnd::Kind::kDone) {
      throw Error("{}: on the operands {} {}", description(), operands,
                  Description(alone, limits_.seconds));
    }
    if (end.kind == BatchEnd::Kind::kTimeout) {
      throw Error("{}: is too slow: {} of {} products in {} s", description(), at, count,
                  limits_.seconds);
    }
    throw Error(
        "{}: on the operands {}, after {} others, {}; on these alone it does not, so that it "
        "depends "
        "on more than its operands",
        description(), operands, at, Description(end, limits_.seconds));
  }

  std::filesystem::path program_;
  CircuitLimits limits_;
  SignExtension extension_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<CircuitChild>> idle_;
};

}  // namespace

std::shared_ptr<const Circuit> MakeProcessCircuit(const std::filesystem::path& program,
                                                  const std::string& program_digest,
                                                  const CircuitShape& shape,
                                                  const std::string& description,
                                                  const CircuitLimits& limits) {
  RequireValid(shape);
  return std::make_shared<ProcessCircuit>(program, program_digest, shape, description, limits);
}

}  // namespace mulberry
