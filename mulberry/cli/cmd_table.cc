// `mulberry table`: all products of a multiplier, written in the file format of some other tool.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <optional>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/base/error.h"
#include "mulberry/base/threads.h"
#include "mulberry/circuits/table_files.h"
#include "mulberry/cli/command.h"
#include "mulberry/multipliers/table.h"

namespace mulberry {
namespace {

constexpr const char* kApproxTrain = "approxtrain";
constexpr TableFormat kFormats[] = {TableFormat::kTfApprox, TableFormat::kApproxTorch,
                                    TableFormat::kNpy, TableFormat::kCsv};

std::optional<TableFormat> FindFormat(const std::string& name) {
  for (const TableFormat format : kFormats) {
    if (Name(format) == name) return format;
  }
  return std::nullopt;
}

/// What the file's name says, where nothing else is asked for.
std::string FormatOfName(const std::string& file, bool is_integer) {
  const std::string extension = std::filesystem::path(file).extension().string();
  if (extension == ".bin") return is_integer ? "tfapprox" : kApproxTrain;
  if (extension == ".txt") return "approxtorch";
  if (extension == ".npy") return "npy";
  if (extension == ".csv") return "csv";
  throw UsageError("{}: its name ends in neither .bin, .txt, .npy nor .csv; say --as", file);
}

ProductTable TableOf(const Arithmetic& arithmetic) {
  const IntegerMultiplier multiplier = MakeIntegerMultiplier(arithmetic);
  const IntegerFormat first = multiplier.formats().first, second = multiplier.formats().second;
  ProductTable table{{first.bits, second.bits, first.is_signed, second.is_signed, false}, {}};
  RequireTabulable(table.shape, Print(arithmetic));
  const int64_t rows = int64_t{1} << first.bits, columns = int64_t{1} << second.bits;
  table.products.resize(static_cast<size_t>(rows * columns));
  ParallelFor(rows, [&](int64_t row) {
    const int32_t a = DecodeInteger(first, static_cast<uint32_t>(row));
    for (int64_t column = 0; column < columns; ++column) {
      const int32_t b = DecodeInteger(second, static_cast<uint32_t>(column));
      table.products[static_cast<size_t>(row * columns + column)] = multiplier(a, b);
    }
  });
  return table;
}

}  // namespace

int RunTable(int argc, char** argv) {
  CLI::App app("Writes all products of a multiplier as a table file.", "mulberry table");
  std::string spec, file, as;
  bool json = false;
  app.add_option("SPEC", spec, "the arithmetic, such as mitchell@uint8 or mbm@bf16")
      ->required()
      ->type_name("");
  app.add_option("-o,--out", file, "the file to write")->required()->type_name("FILE");
  app.add_option(
         "--as", as,
         "approxtrain (float formats of 1 to 7 mantissa bits), tfapprox, approxtorch, npy or "
         "csv (integers whose widths add up to at most 24 bits); default: by the file's name")
      ->type_name("FORMAT");
  app.add_flag("--json", json, "print JSON");
  app.footer("Example:\n  mulberry table 'drum(k=6)@uint8' -o drum6.npy --as npy");
  if (!ParseArguments(app, argc, argv)) return 0;

  const Arithmetic arithmetic = ParseArithmetic(spec);
  if (arithmetic.native) throw UsageError("fp32 is LibTorch's own arithmetic, and has no table");
  if (as.empty()) as = FormatOfName(file, arithmetic.is_integer());
  const std::optional<TableFormat> format = FindFormat(as);
  if (!format && as != kApproxTrain) {
    throw UsageError("--as: '{}' must be one of: approxtrain, tfapprox, approxtorch, npy, csv", as);
  }
  if (arithmetic.is_integer() != format.has_value()) {
    throw UsageError("{} holds products of {}, and {} multiplies {}", as,
                     format ? "integers" : "mantissas", Print(arithmetic),
                     format ? "floats; --as approxtrain" : "integers; --as tfapprox, npy, ...");
  }
  size_t entries = 0;
  if (format) {
    const ProductTable table = TableOf(arithmetic);
    WriteTable(table, file, *format);
    entries = table.products.size();
  } else {
    const MantissaTable table = MakeMantissaTable(MakeFloatMultiplier(arithmetic));
    WriteApproxTrainTable(table, file);
    entries = table.products.size();
  }
  if (json) {
    PrintJson(
        {{"arithmetic", Print(arithmetic)}, {"file", file}, {"as", as}, {"entries", entries}});
  } else {
    std::cout << fmt::format("{}: {} products of {}, as {}\n", file, entries, Print(arithmetic),
                             as);
  }
  return 0;
}

}  // namespace mulberry
