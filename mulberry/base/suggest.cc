#include "mulberry/base/suggest.h"

#include <algorithm>

namespace mulberry {
namespace {

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Optimal string alignment distance, by rows: row[j] is the distance between the first i characters
// of a and the first j of b.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before, above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = above[j - 1] + (Lower(a[i - 1]) != Lower(b[j - 1]));
      row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) &&
          Lower(a[i - 2]) == Lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before = above;
    above = row;
  }
  return above.back();
}

}  // namespace

std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  const size_t limit = std::max<size_t>(1, word.size() / 3);
  std::string_view nearest;
  size_t smallest = limit + 1;
  for (std::string_view candidate : candidates) {
    // The lengths' difference is a lower bound, and keeps a long input from costing its square.
    const size_t longer = std::max(word.size(), candidate.size());
    if (longer - std::min(word.size(), candidate.size()) >= smallest) continue;
    const size_t distance = EditDistance(word, candidate);
    if (distance < smallest && distance < longer) {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace mulberry
