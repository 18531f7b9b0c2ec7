#include "mulberry/circuits/circuit_runner.h"

#include <fmt/format.h>

#include "mulberry/circuits/circuit_types.h"

namespace mulberry {
namespace {

#define MULBERRY_TEXT_OF(...) #__VA_ARGS__
#define MULBERRY_TEXT(...) MULBERRY_TEXT_OF(__VA_ARGS__)
constexpr char kBatchText[] = MULBERRY_TEXT(MULBERRY_CIRCUIT_BATCH) ";\n";

// The limits are set before the constructors of a C++ source run.
constexpr char kMainText[] = R"(
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

extern const unsigned int mulberry_types[3];
void mulberry_evaluate(struct MulberryBatch* batch, unsigned int count);

static struct MulberryBatch* mulberry_batch;

__attribute__((constructor(101))) static void mulberry_begin(void) {
  void* memory = mmap(0, sizeof *mulberry_batch, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
  if (memory == MAP_FAILED) _exit(1);
  mulberry_batch = memory;
  const struct rlimit core = {0, 0};
  const struct rlimit space = {mulberry_batch->memory, mulberry_batch->memory};
  if (setrlimit(RLIMIT_CORE, &core) != 0 || setrlimit(RLIMIT_AS, &space) != 0) _exit(1);
}

/* Ends an endless loop even when nobody is left to do it. */
static void mulberry_limit_time(void) {
  struct rusage used;
  struct rlimit limit;
  if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0) _exit(1);
  limit.rlim_cur =
      used.ru_utime.tv_sec + used.ru_stime.tv_sec + 2 + (rlim_t)mulberry_batch->seconds;
  if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_CPU, &limit) != 0) _exit(1);
}

int main(void) {
  unsigned int count = 0;
  memcpy(mulberry_batch->types, mulberry_types, sizeof mulberry_types);
  while (write(4, &count, sizeof count) == sizeof count &&
         read(4, &count, sizeof count) == sizeof count) {
    mulberry_limit_time();
    mulberry_evaluate(mulberry_batch, count);
  }
  _exit(0);
}
)";

// The call goes through a volatile pointer, so that the pair noted as at work is the one at work:
// nothing of the function may move before the note. C converts operands and product implicitly.
constexpr char kEvaluateText[] = R"(
static {2}(&{0}) volatile mulberry_function = &{0};
{3}void mulberry_evaluate(struct MulberryBatch* batch, unsigned int count) {{
  unsigned int i;
  for (i = 0; i < count; ++i) {{
    union {{ unsigned long long integer; unsigned int bits; float real; }} a, b, product;
    batch->progress = i;
    if (mulberry_types[0] == {1}) {{
      a.bits = batch->a[i];
      b.bits = batch->b[i];
      product.integer = 0;
      product.real = (float)mulberry_function(a.real, b.real);
      batch->products[i] = product.bits;
    }} else {{
      a.integer = mulberry_extend(batch->a[i], batch->extend[0]);
      b.integer = mulberry_extend(batch->b[i], batch->extend[1]);
      batch->products[i] = (unsigned long long)mulberry_function(a.integer, b.integer);
    }}
  }}
}}
)";

constexpr char kExtendText[] = R"(
static unsigned long long mulberry_extend(unsigned long long operand, unsigned int bits) {
  return bits ? (unsigned long long)((long long)(operand << (64 - bits)) >> (64 - bits)) : operand;
}
)";

constexpr char kCxxrtlText[] = R"(
template <size_t bits>
const cxxrtl_yosys::value<bits>& mulberry_value(const cxxrtl_yosys::value<bits>& value) {{
  return value;
}}
template <size_t bits>
const cxxrtl_yosys::value<bits>& mulberry_value(const cxxrtl_yosys::wire<bits>& wire) {{
  return wire.curr;
}}

extern "C" const unsigned int mulberry_types[3] = {{{0}, {0}, {1}}};
extern "C" void mulberry_evaluate(struct MulberryBatch* batch, unsigned int count) {{
  static cxxrtl_design::{2} circuit;
  for (unsigned int i = 0; i < count; ++i) {{
    batch->progress = i;
    circuit.{3}.set<unsigned int>(batch->a[i]);
    circuit.{4}.set<unsigned int>(batch->b[i]);
    circuit.step();
    batch->products[i] = mulberry_value(circuit.{5}).template get<unsigned long long>();
  }}
}}
)";

size_t CodeOf(std::string_view name) {
  size_t code = 0;
  while (kNumberTypes[code].name != name) ++code;
  return code;
}

std::string Evaluate(const std::string& function, const char* type_of, const char* linkage) {
  return fmt::format(fmt::runtime(kEvaluateText), function, CodeOf("float"), type_of, linkage);
}

}  // namespace

std::string RunnerText() {
  return std::string(kBatchText) + kMainText;
}

// C has no way to ask for a function's parameter types but to compare its type with each that it
// may be. A code for the pair of parameters and one for the result. The declaration makes an inline
// function one that can be linked to.
std::string EndOfC(const std::string& function) {
  std::string pairs, results;
  for (size_t a = 0; a < kNumberTypes.size(); ++a) {
    results += fmt::format("{}*: {}, ", kNumberTypes[a].name, a);
    for (size_t b = 0; b < kNumberTypes.size(); ++b) {
      pairs += fmt::format("mulberry_result (*)({}, {}): {}, ", kNumberTypes[a].name,
                           kNumberTypes[b].name, 100 * a + b);
    }
  }
  const std::string other = fmt::format("default: {}", 101 * kOtherType);
  return fmt::format(
             "extern __typeof__({0}) {0};\n"
             "typedef __typeof__({0}(0, 0)) mulberry_result;\n"
             "enum {{ mulberry_pair = _Generic(&{0}, {1}{2}) }};\n"
             "const unsigned int mulberry_types[3] = {{mulberry_pair / 100, mulberry_pair % 100, "
             "_Generic((mulberry_result*)0, {3}default: {4})}};\n",
             function, pairs, other, results, kOtherType) +
         kBatchText + kExtendText + Evaluate(function, "__typeof__", "");
}

std::string EndOfCpp(const std::string& function) {
  std::string codes = fmt::format(
      "template <typename T> inline constexpr unsigned mulberry_code = {};\n", kOtherType);
  for (size_t code = 0; code < kNumberTypes.size(); ++code) {
    codes += fmt::format("template <> inline constexpr unsigned mulberry_code<{}> = {};\n",
                         kNumberTypes[code].name, code);
  }
  return codes +
         fmt::format(
             "template <typename P, typename A, typename B>\n"
             "constexpr unsigned mulberry_type(P (*)(A, B), int which) {{\n"
             "  return which == 0 ? mulberry_code<A> : which == 1 ? mulberry_code<B> : "
             "mulberry_code<P>;\n}}\n"
             "extern \"C\" const unsigned int mulberry_types[3] = {{mulberry_type(&{0}, 0), "
             "mulberry_type(&{0}, 1), mulberry_type(&{0}, 2)}};\n",
             function) +
         kBatchText + kExtendText + Evaluate(function, "decltype", "extern \"C\" ");
}

std::string EndOfCxxrtl(const std::string& type, const std::string& a, const std::string& b,
                        const std::string& product) {
  return kBatchText + fmt::format(fmt::runtime(kCxxrtlText), CodeOf("unsigned int"),
                                  CodeOf("unsigned long long"), type, a, b, product);
}

}  // namespace mulberry
