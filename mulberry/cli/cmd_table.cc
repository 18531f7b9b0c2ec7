// `mulberry table`: all products of a multiplier, written in the file format of some other tool, or
// as the encodings that a narrow format's arithmetic unit would give.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <optional>

#include "mulberry/arithmetic/arithmetic.h"
#include "mulberry/arithmetic/encoded_table.h"
#include "mulberry/base/atomic_file.h"
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

/// Writes the table as some other tool's, and says how many products it has.
size_t WriteProducts(const Arithmetic& arithmetic, const std::string& file, const std::string& as) {
  const std::optional<TableFormat> format = FindFormat(as);
  if (!format && as != kApproxTrain) {
    throw UsageError("--as: '{}' must be one of: approxtrain, tfapprox, approxtorch, npy, csv", as);
  }
  if (arithmetic.is_integer() != format.has_value()) {
    throw UsageError("{} holds products of {}, and {} multiplies {}", as,
                     format ? "integers" : "mantissas", Print(arithmetic),
                     format ? "floats; --as approxtrain" : "integers; --as tfapprox, npy, ...");
  }
  if (format) {
    const ProductTable table = TableOf(arithmetic);
    WriteTable(table, file, *format);
    return table.products.size();
  }
  const MantissaTable table = MakeMantissaTable(MakeFloatMultiplier(arithmetic));
  WriteApproxTrainTable(table, file);
  return table.products.size();
}

/// Likewise the encodings of all products or sums.
size_t WriteEncoded(const Arithmetic& arithmetic, const std::string& file, bool sums) {
  const std::vector<uint8_t> table = sums ? EncodedSums(arithmetic) : EncodedProducts(arithmetic);
  ReplaceFile(file, {reinterpret_cast<const char*>(table.data()), table.size()});
  return table.size();
}

}  // namespace

int RunTable(int argc, char** argv) {
  CLI::App app("Writes all products of a multiplier as a table file.", "mulberry table");
  std::string spec, file, as, op = "multiply";
  bool json = false, encoded = false;
  app.add_option("SPEC", spec, "the arithmetic, such as mitchell@uint8 or mbm@bf16")
      ->required()
      ->type_name("");
  app.add_option("-o,--out", file, "the file to write")->required()->type_name("FILE");
  app.add_option(
         "--as", as,
         "approxtrain (float formats of 1 to 7 mantissa bits), tfapprox, approxtorch, npy or "
         "csv (integers whose widths add up to at most 24 bits); default: by the file's name")
      ->type_name("FORMAT");
  app.add_flag("--encoded", encoded,
               "of floats and posits of n <= 8 bits: a byte for each pair of encodings, at a·2^n + "
               "b, the result rounded into the format");
  app.add_option("--op", op, "with --encoded, what is done with a pair; default: multiply")
      ->check(CLI::IsMember({"multiply", "add"}))
      ->type_name("OP");
  app.add_flag("--json", json, "print JSON");
  app.footer(
      "Examples:\n"
      "  mulberry table 'drum(k=6)@uint8' -o drum6.npy --as npy\n"
      "  mulberry table 'exact@posit(8,1)' --encoded -o multiply.bin\n"
      "  mulberry table 'exact@posit(8,1)' --encoded --op add -o add.bin");
  if (!ParseArguments(app, argc, argv)) return 0;

  const Arithmetic arithmetic = ParseArithmetic(spec);
  if (arithmetic.native) throw UsageError("fp32 is LibTorch's own arithmetic, and has no table");
  if (arithmetic.is_block()) {
    throw UsageError("{}: blocks have no table, but their elements do: {}", Print(arithmetic),
                     Print(ElementArithmetic(arithmetic)));
  }
  if (encoded && !as.empty()) throw UsageError("--as: --encoded is a format of its own");
  if (!encoded && op != "multiply") throw UsageError("--op: only --encoded tables hold sums");
  const bool sums = op == "add";
  size_t entries = 0;
  if (encoded) {
    as = "encoded";
    entries = WriteEncoded(arithmetic, file, sums);
  } else {
    if (as.empty()) as = FormatOfName(file, arithmetic.is_integer());
    entries = WriteProducts(arithmetic, file, as);
  }
  if (json) {
    PrintJson({{"arithmetic", Print(arithmetic)},
               {"file", file},
               {"as", as},
               {"op", op},
               {"entries", entries}});
  } else {
    std::cout << fmt::format("{}: {} {} of {}, as {}\n", file, entries, sums ? "sums" : "products",
                             Print(arithmetic), as);
  }
  return 0;
}

}  // namespace mulberry
