// Tables of text with aligned columns, for the terminal, as Markdown, CSV and LaTeX. Not here: what
// the cells say (comparison.h, run_table.h and the commands).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mulberry {

enum class Align : uint8_t { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// One cell for each column; more or fewer throw std::invalid_argument. Cells are UTF-8, one
  /// line.
  void AddRow(std::vector<std::string> cells);

  /// Title line, a rule, and the rows; columns two blanks apart, no blanks at the ends of lines.
  std::string Text() const;
  /// The same as a Markdown table. `|` in a cell is escaped.
  std::string Markdown() const;
  /// The same as RFC 4180 has it, but with lines that end as on Unix.
  std::string Csv() const;
  /// The same as a tabular environment, which needs no package.
  std::string Latex() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// 1234567 as "1,234,567".
std::string GroupDigits(int64_t value);

}  // namespace mulberry
