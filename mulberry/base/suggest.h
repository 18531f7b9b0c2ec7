// "Did you mean": the known word nearest to one that was mistyped. Not a search: it is meant for
// the few dozen names of a command line, a configuration file or a specification.
#pragma once

#include <string_view>
#include <vector>

namespace mulberry {

/// The candidate with the smallest edit distance to `word` (insertions, deletions, substitutions
/// and transpositions of neighbours; case does not count), the first of several. Empty when none is
/// near: within a third of the word's length, at least one edit. The result views one of
/// `candidates`.
std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace mulberry
