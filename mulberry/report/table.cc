// Tables of text. See table.h.
#include "mulberry/report/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace mulberry {
namespace {

// Code points, which is the width on a terminal of all that Mulberry prints.
size_t Width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string Padded(const std::string& text, size_t width, Align align) {
  const std::string blanks(width - std::min(width, Width(text)), ' ');
  return align == Align::kLeft ? text + blanks : blanks + text;
}

std::string Escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + "\"";
}

// What LaTeX would take for something else, and what its fonts may not have.
std::string InLatex(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kCommands[] = {
      {"\\", "\\textbackslash{}"},
      {"~", "\\textasciitilde{}"},
      {"^", "\\textasciicircum{}"},
      {"|", "\\textbar{}"},
      {"<", "\\textless{}"},
      {">", "\\textgreater{}"},
      {"±", "$\\pm$"},
      {"&", "\\&"},
      {"%", "\\%"},
      {"$", "\\$"},
      {"#", "\\#"},
      {"_", "\\_"},
      {"{", "\\{"},
      {"}", "\\}"}};
  std::string result;
  while (!text.empty()) {
    const auto found = std::ranges::find_if(
        kCommands, [&](const auto& command) { return text.starts_with(command.first); });
    if (found == std::end(kCommands)) {
      result += text.front();
      text.remove_prefix(1);
    } else {
      result += found->second;
      text.remove_prefix(found->first.size());
    }
  }
  return result;
}

}  // namespace

void Table::AddRow(std::vector<std::string> cells) {
  if (cells.size() != columns_.size()) throw std::invalid_argument("one cell for each column");
  rows_.push_back(std::move(cells));
}

std::string Table::Text() const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(Width(columns_[i].title));
    for (const auto& row : rows_) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  const auto add_line = [&](const auto& cell) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) line += "  ";
      line += Padded(cell(i), widths[i], columns_[i].align);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  add_line([&](size_t i) { return columns_[i].title; });
  add_line([&](size_t i) { return std::string(widths[i], '-'); });
  for (const auto& row : rows_) add_line([&](size_t i) { return row[i]; });
  return text;
}

std::string Table::Markdown() const {
  std::string text = "|";
  for (const Column& column : columns_) text += fmt::format(" {} |", Escaped(column.title));
  text += "\n|";
  for (const Column& column : columns_) {
    text += column.align == Align::kRight ? " ---: |" : " --- |";
  }
  text += "\n";
  for (const auto& row : rows_) {
    text += "|";
    for (const std::string& cell : row) text += fmt::format(" {} |", Escaped(cell));
    text += "\n";
  }
  return text;
}

std::string Table::Csv() const {
  std::string text;
  const auto add_line = [&](const auto& cell) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) text += ",";
      text += Quoted(cell(i));
    }
    text += "\n";
  };
  add_line([&](size_t i) { return columns_[i].title; });
  for (const auto& row : rows_) add_line([&](size_t i) { return row[i]; });
  return text;
}

std::string Table::Latex() const {
  std::string text = "\\begin{tabular}{";
  for (const Column& column : columns_) text += column.align == Align::kRight ? 'r' : 'l';
  text += "}\n\\hline\n";
  const auto add_line = [&](const auto& cell) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) text += " & ";
      text += InLatex(cell(i));
    }
    text += " \\\\\n";
  };
  add_line([&](size_t i) { return columns_[i].title; });
  text += "\\hline\n";
  for (const auto& row : rows_) add_line([&](size_t i) { return row[i]; });
  return text + "\\hline\n\\end{tabular}\n";
}

std::string GroupDigits(int64_t value) {
  std::string digits = std::to_string(value);
  const size_t first = value < 0 ? 1 : 0;
  for (size_t i = digits.size(); i > first + 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

}  // namespace mulberry
