// The guard, and the dispatcher's registrations. Both in one file: a static library gives the
// linker this file for the guard, and so never leaves the registrations out.
#include "mulberry/nn/approximate.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <spdlog/spdlog.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/library.h>

#include <mutex>
#include <utility>

#include "mulberry/nn/batch_norm.h"
#include "mulberry/nn/blas_check.h"
#include "mulberry/nn/convolution.h"
#include "mulberry/nn/dispatch_key.h"
#include "mulberry/nn/matmul.h"
#include "mulberry/nn/native_operators.h"
#include "mulberry/nn/state.h"

namespace mulberry {
namespace {

// ---- Operators that stay native ----

std::string NameWithOverload(const c10::OperatorName& op) {
  return op.overload_name.empty() ? op.name : op.name + "." + op.overload_name;
}

// Null where the operator is not listed.
const NativeOperators* ListedAsNative(const c10::OperatorName& op) {
  const std::string with_overload = NameWithOverload(op);
  for (const NativeOperators& group : AllNativeOperators()) {
    for (std::string_view listed : group.names) {
      if (listed == op.name || listed == with_overload) return &group;
    }
  }
  return nullptr;
}

std::string_view WhyOperatorIsNative(const c10::OperatorName& op) {
  const NativeOperators* group = ListedAsNative(op);
  return group ? group->reason : "quantised and prepacked operators are not simulated";
}

// Runs the operator as LibTorch would without the mode, and reports it: under the name of the
// weight among its arguments where there is one.
void RunNatively(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const c10::impl::ExcludeDispatchKeyGuard below_the_mode(kModeKey);
  const std::string& full_name = op.schema().name();
  const std::shared_ptr<ModeState> state = CurrentState();
  const Weight* weight = nullptr;
  const auto count = static_cast<std::ptrdiff_t>(op.schema().arguments().size());
  for (auto argument = stack->end() - count; argument != stack->end() && !weight; ++argument) {
    if (argument->isTensor() && argument->toTensor().defined()) {
      weight = state->FindWeight(argument->toTensor());
    }
  }
  const auto layer = state->FindLayer(weight, full_name.substr(full_name.find("::") + 2),
                                      std::string(WhyOperatorIsNative(op.operator_name())));
  op.callBoxed(stack);
  state->Record(*layer, Pass::kForward, 0);
}

// Overloads differ between versions of LibTorch, so the dispatcher is asked which there are.
template <typename Chosen>
void KeepNative(torch::Library& library, Chosen chosen) {
  for (const c10::OperatorName& op : c10::Dispatcher::singleton().getAllOpNames()) {
    if (!chosen(op)) continue;
    library.impl(NameWithOverload(op).c_str(),
                 torch::CppFunction::makeFromBoxedFunction<&RunNatively>());
  }
}

// Operators on weights that were packed or quantised beforehand; packing itself multiplies nothing.
bool MultipliesPacked(std::string_view name) {
  const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
  return (has("conv") || has("linear") || has("matmul") || has("rnn") || has("lstm") ||
          has("gru")) &&
         !has("prepack") && !has("unpack") && !has("params") && !has("_stride") &&
         !has("_padding") && !has("_dilation") && !has("_groups") && !has("_transpose");
}

}  // namespace

TORCH_LIBRARY_IMPL(_, MULBERRY_DISPATCH_KEY, m) {
  m.fallback(torch::CppFunction::makeFallthrough());
}

// Plain function pointers and not TORCH_FN: an address is no constant to GCC under
// -fsanitize=undefined.
TORCH_LIBRARY_IMPL(aten, MULBERRY_DISPATCH_KEY, m) {
  m.impl("convolution", Convolution);
  m.impl("_convolution", ConvolutionWithFlags);
  m.impl("_convolution.deprecated", ConvolutionDeprecated);
  m.impl("conv_tbc", ConvolutionTbc);
  m.impl("convolution.out", VariantsOf<Convolution>::Out);
  m.impl("_convolution.out", VariantsOf<ConvolutionWithFlags>::Out);
  m.impl("conv_tbc.out", VariantsOf<ConvolutionTbc>::Out);

  m.impl("batch_norm", BatchNorm);

  m.impl("mm", Mm);
  m.impl("bmm", Bmm);
  m.impl("mv", Mv);
  m.impl("dot", Dot);
  m.impl("vdot", Vdot);
  m.impl("mm.out", VariantsOf<Mm>::Out);
  m.impl("bmm.out", VariantsOf<Bmm>::Out);
  m.impl("mv.out", VariantsOf<Mv>::Out);
  m.impl("dot.out", VariantsOf<Dot>::Out);
  m.impl("vdot.out", VariantsOf<Vdot>::Out);

  m.impl("addmm", Addmm);
  m.impl("baddbmm", Baddbmm);
  m.impl("addbmm", Addbmm);
  m.impl("addmv", Addmv);
  m.impl("_addmm_activation", AddmmActivation);
  m.impl("addmm.out", VariantsOf<Addmm>::Out);
  m.impl("baddbmm.out", VariantsOf<Baddbmm>::Out);
  m.impl("addbmm.out", VariantsOf<Addbmm>::Out);
  m.impl("addmv.out", VariantsOf<Addmv>::Out);
  m.impl("_addmm_activation.out", VariantsOf<AddmmActivation>::Out);
  m.impl("addmm_", VariantsOf<Addmm>::InPlace);
  m.impl("baddbmm_", VariantsOf<Baddbmm>::InPlace);
  m.impl("addbmm_", VariantsOf<Addbmm>::InPlace);
  m.impl("addmv_", VariantsOf<Addmv>::InPlace);

  KeepNative(m, ListedAsNative);
}

TORCH_LIBRARY_IMPL(quantized, MULBERRY_DISPATCH_KEY, m) {
  KeepNative(m, [](const c10::OperatorName& op) {
    return op.name.starts_with("quantized::") && MultipliesPacked(op.name);
  });
}
TORCH_LIBRARY_IMPL(_quantized, MULBERRY_DISPATCH_KEY, m) {
  KeepNative(m, [](const c10::OperatorName& op) {
    return op.name.starts_with("_quantized::") && MultipliesPacked(op.name);
  });
}
TORCH_LIBRARY_IMPL(sparse, MULBERRY_DISPATCH_KEY, m) {
  KeepNative(m, [](const c10::OperatorName& op) {
    return op.name.starts_with("sparse::") && MultipliesPacked(op.name);
  });
}

struct Approximate::Scope {
  explicit Scope(std::shared_ptr<State> state)
      : outer(ExchangeCurrentState(std::move(state))),
        excluded(c10::impl::tls_is_dispatch_key_excluded(kModeKey)) {
    c10::impl::tls_set_dispatch_key_excluded(kModeKey, false);
  }
  ~Scope() {
    c10::impl::tls_set_dispatch_key_excluded(kModeKey, excluded);
    ExchangeCurrentState(std::move(outer));
  }

  std::shared_ptr<State> outer;
  bool excluded;
  c10::impl::IncludeDispatchKeyGuard key{kModeKey};
  torch::jit::GraphOptimizerEnabledGuard no_rewriting{false};
};

namespace {

void WarnOfSlowBlas() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (const auto warning = SlowBlasWarning()) spdlog::warn("{}", *warning);
  });
}

std::vector<std::pair<std::string, at::Tensor>> Parameters(const torch::nn::Module& model) {
  std::vector<std::pair<std::string, at::Tensor>> parameters;
  for (const auto& item : model.named_parameters()) {
    parameters.emplace_back(item.key(), item.value());
  }
  return parameters;
}

std::vector<std::pair<std::string, at::Tensor>> Parameters(const torch::jit::Module& model) {
  std::vector<std::pair<std::string, at::Tensor>> parameters;
  for (const auto& item : model.named_parameters()) parameters.emplace_back(item.name, item.value);
  return parameters;
}

}  // namespace

Approximate::Approximate(std::shared_ptr<State> state)
    : state_(std::move(state)), scope_(std::make_unique<Scope>(state_)) {
  WarnOfSlowBlas();
}

Approximate::Approximate(const torch::nn::Module& model, Policy policy)
    : Approximate(model, std::move(policy), Options{}) {}
Approximate::Approximate(const torch::nn::Module& model, Policy policy, Options options)
    : Approximate(
          std::make_shared<State>(Parameters(model), std::move(policy), std::move(options))) {}
Approximate::Approximate(const torch::jit::Module& model, Policy policy)
    : Approximate(model, std::move(policy), Options{}) {}
Approximate::Approximate(const torch::jit::Module& model, Policy policy, Options options)
    : Approximate(
          std::make_shared<State>(Parameters(model), std::move(policy), std::move(options))) {}
Approximate::~Approximate() = default;

RunReport Approximate::Report() const {
  return state_->Report();
}

void Approximate::ResetReport() {
  state_->ResetReport();
}

uint64_t Approximate::random_position() const {
  return state_->random_position;
}

void Approximate::set_random_position(uint64_t position) {
  state_->random_position = position;
}

}  // namespace mulberry
