// The values of Liberty's attributes: numbers, units, words, lists, and errors with their place.
// Not the attributes' meaning (liberty.cc, liberty_tables.h, liberty_cell.h).
#pragma once

#include <string>
#include <vector>

#include "mulberry/hardware/liberty_text.h"

namespace mulberry {

/// All throw Error "PATH:LINE: NAME: found X, expected Y".
class LibertyValues {
 public:
  explicit LibertyValues(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  [[noreturn]] void Fail(int line, const std::string& message) const;

  const std::string& Value(const LibertyAttribute& a) const;
  double Number(const std::string& text, int line, const std::string& what) const;
  /// All numbers of a list, of which each value may hold several.
  std::vector<double> Numbers(const LibertyAttribute& a) const;
  /// "1ns", "100ps", "1 pf": a factor, a prefix and the unit, which is `unit` in lower case.
  double Unit(const std::string& text, char unit, int line, const std::string& what) const;

  /// Of the group's attribute of that name; `otherwise`, "" or false where it has none.
  double NumberOf(const LibertyGroup& group, const std::string& name, double otherwise) const;
  std::string TextOf(const LibertyGroup& group, const std::string& name) const;
  bool IsTrue(const LibertyGroup& group, const std::string& name) const;

 private:
  std::string path_;
};

}  // namespace mulberry
