// What the commands on circuits have in common: which unit of an arithmetic, in which library.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "mulberry/hardware/liberty.h"
#include "mulberry/hardware/unit.h"

namespace mulberry {

/// The library of a --liberty option: DefaultLiberty() where it is empty.
Library LibraryOf(const std::string& liberty);

struct HardwareOptions {
  std::vector<std::string> specs;
  std::string liberty;  ///< Empty: DefaultLiberty().
  bool mac = false;
  bool pipelined = false;
  int flexible_digits = 0;  ///< Not 0: flexible units of so many digits, each a SPEC.

  void Add(CLI::App& app);
  /// Of units of one precision. Throws UsageError for --pipelined without --mac.
  Unit UnitAsked() const;
  Library ReadLibrary() const { return LibraryOf(liberty); }
};

}  // namespace mulberry
