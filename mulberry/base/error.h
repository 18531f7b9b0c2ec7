// Errors that a user can act on. Every failure in Mulberry that is not a bug is an Error whose text
// names the thing at fault, what was found, what was expected and, where there is one, the fix.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace mulberry {

/// A failure at run time: a file, a value, a missing tool. The program exits with 1.
class Error : public std::runtime_error {
 public:
  template <typename... Args>
  explicit Error(fmt::format_string<Args...> format, Args&&... args)
      : std::runtime_error(fmt::format(format, std::forward<Args>(args)...)) {}
};

/// A wrong command line, specification or configuration. The program exits with 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace mulberry
