#include "mulberry/formats/format_name.h"

#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "mulberry/base/error.h"
#include "mulberry/base/suggest.h"

namespace mulberry {
namespace {

/// What stands between the brackets.
using Sizes = std::array<int, 2>;

/// A family whose formats are told apart by one or two numbers.
struct SizedFamily {
  std::string_view name;
  std::string_view spelling;
  AnyFormat (*make)(Sizes sizes);
  int count = 2;
};

AnyFormat MakeCarriedPosit(Sizes n) {
  const PositFormat format = MakePositFormat(n[0], n[1]);
  if (const auto reason = WhyNotCarried(format)) throw UsageError("{}", *reason);
  return format;
}

constexpr SizedFamily kSizedFamilies[] = {
    {"float", "float(e,m)", [](Sizes n) -> AnyFormat { return MakeFloatFormat(n[0], n[1]); }},
    {"posit", "posit(n,es)", MakeCarriedPosit},
    {"fixed", "fixed(il,fl)", [](Sizes n) -> AnyFormat { return MakeFixedFormat(n[0], n[1]); }},
    {"bfp", "bfp(m,block)",
     [](Sizes n) -> AnyFormat { return MakeBlockFloatingPoint(n[0], n[1]); }},
};

/// "(3,4)", blanks before the numbers allowed.
AnyFormat MakeSized(const SizedFamily& family, std::string_view name) {
  const char* next = name.data() + family.name.size();
  const char* const end = name.data() + name.size();
  const auto accept = [&](char c) { return next != end && *next == c && ++next; };
  const auto number = [&](int& size) {
    while (accept(' ')) continue;
    const auto [rest, error] = std::from_chars(next, end, size);
    next = rest;
    return error == std::errc();
  };
  Sizes sizes = {};
  bool good = true;
  for (int i = 0; i < family.count; ++i) {
    good = good && accept(i == 0 ? '(' : ',') && number(sizes[static_cast<size_t>(i)]);
  }
  if (!good || !accept(')') || next != end) {
    throw UsageError("\"{}\" is not {} with whole numbers", name, family.spelling);
  }
  return family.make(sizes);
}

[[noreturn]] void Refuse(std::string_view name) {
  std::vector<std::string_view> names, spellings;
  for (const NamedFormat& named : NamedFormats()) names.push_back(named.name);
  for (const NamedBlockFormat& named : NamedBlockFormats()) names.push_back(named.name);
  std::vector<std::string_view> known = names;
  for (const SizedFamily& family : kSizedFamilies) {
    spellings.push_back(family.spelling);
    known.push_back(family.name);
  }
  for (const std::string_view integer : {"int4", "int8", "int16", "uint4", "uint8", "uint16"}) {
    known.push_back(integer);
  }
  // Of a mistyped family the sizes would count as edits.
  std::string_view nearest = Nearest(name, known);
  if (nearest.empty()) nearest = Nearest(name.substr(0, name.find('(')), known);
  if (!nearest.empty()) {
    throw UsageError("unknown format \"{}\"; did you mean \"{}\"?", name, nearest);
  }
  throw UsageError("unknown format \"{}\"; there are: {}, {}, uint4 to uint16, int4 to int16", name,
                   fmt::join(names, ", "), fmt::join(spellings, ", "));
}

}  // namespace

AnyFormat FormatOfName(std::string_view name) {
  if (const auto format = FindFormat(name)) return *format;
  if (const auto format = FindIntegerFormat(name)) return *format;
  if (const auto format = FindBlockFormat(name)) return *format;
  for (const SizedFamily& family : kSizedFamilies) {
    if (name.substr(0, name.find('(')) == family.name) return MakeSized(family, name);
  }
  Refuse(name);
}

}  // namespace mulberry
