// Tables as text: a line for each row, numbers separated by spaces or commas.
#include <charconv>
#include <string_view>

#include "mulberry/base/error.h"
#include "mulberry/circuits/table_files_grid.h"

namespace mulberry {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

/// The next piece of a trimmed line, which loses it and the separator. Any blanks separate where
/// the separator is a space.
std::string_view NextPiece(std::string_view& line, char separator) {
  const size_t end = separator == ' ' ? line.find_first_of(kBlanks) : line.find(separator);
  const std::string_view piece = Trimmed(line.substr(0, end));
  line = end == std::string_view::npos ? std::string_view() : Trimmed(line.substr(end + 1));
  return piece;
}

/// Puts one row of numbers in its place. `line_number` counts from 1.
class RowReader {
 public:
  RowReader(TableGrid& grid, const std::string& path, size_t line_number)
      : grid_(grid), path_(path), line_number_(line_number) {}

  void Read(std::string_view line, char separator, size_t row) {
    const bool ends_open = line.back() == separator;
    size_t column = 0;
    for (; !line.empty(); ++column) {
      const std::string_view piece = NextPiece(line, separator);
      if (column < grid_.columns()) Put(row, column, piece);
    }
    column += ends_open;
    if (column != grid_.columns()) {
      throw Error("{}:{}: has {} numbers; a row of a table of {} operands has {}", path_,
                  line_number_, column, Name(grid_.shape()), grid_.columns());
    }
  }

 private:
  void Put(size_t row, size_t column, std::string_view piece) {
    // A float too: numpy.savetxt writes all numbers as floats unless told otherwise.
    int64_t integer = 0;
    double real = 0;
    const char* end = piece.data() + piece.size();
    const auto whole = std::from_chars(piece.data(), end, integer);
    const bool is_integer = whole.ec == std::errc() && whole.ptr == end;
    if (!is_integer) {
      const auto other = std::from_chars(piece.data(), end, real);
      if (other.ec == std::errc::invalid_argument || other.ptr != end) {
        throw Error("{}:{}: number {} is \"{}\", which is not a number", path_, line_number_,
                    column + 1, piece);
      }
      if (other.ec == std::errc::result_out_of_range) real = HUGE_VAL;
    }
    if (is_integer ? grid_.Set(row, column, integer) : grid_.Set(row, column, real)) return;
    throw Error("{}:{}: number {} is {}; {}", path_, line_number_, column + 1, piece,
                grid_.Bounds());
  }

  TableGrid& grid_;
  const std::string& path_;
  size_t line_number_;
};

}  // namespace

ProductTable TableOfText(const std::string& bytes, char separator, const std::string& path,
                         const CircuitShape& shape) {
  TableGrid grid(shape);
  size_t row = 0, line_number = 0;
  for (std::string_view rest = bytes; !rest.empty();) {
    const size_t end = rest.find('\n');
    const std::string_view line = Trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    ++line_number;
    if (line.empty()) continue;
    if (row < grid.rows()) RowReader(grid, path, line_number).Read(line, separator, row);
    ++row;
  }
  if (row != grid.rows()) {
    throw Error("{}: has {} rows; a table of {} operands has {}", path, row, Name(shape),
                grid.rows());
  }
  return grid.Take();
}

std::string TextOfTable(const ProductTable& table, char separator) {
  const TableGrid grid(table);
  std::string text;
  for (size_t row = 0; row < grid.rows(); ++row) {
    for (size_t column = 0; column < grid.columns(); ++column) {
      if (column > 0) text += separator;
      fmt::format_to(std::back_inserter(text), "{}", grid.at(row, column));
    }
    text += '\n';
  }
  return text;
}

}  // namespace mulberry
