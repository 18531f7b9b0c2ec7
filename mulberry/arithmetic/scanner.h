// The lexical level of specifications: words, numbers and single characters, with the position that
// an error points at. Knows nothing of what they mean (parser.cc). Internal to this folder.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mulberry {

/// Letters, digits, _ . - and all that is not ASCII: of names and numbers, wrong ones included, so
/// that a fault is shown whole.
bool IsWordCharacter(char c);

using Names = std::vector<std::string_view>;

/// `problem "word"`, and the nearest of the names if one is near.
std::string Unknown(std::string_view problem, std::string_view word, const Names& names);

/// Reads a text from its start to its end. Every function skips the blanks before what it looks at.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// Throws SpecError.
  [[noreturn]] void Fail(size_t position, std::string_view problem, std::string_view accepted,
                         size_t length = std::string_view::npos) const;

  void SkipBlanks();
  bool AtEnd();
  /// Steps over `c` if it is next.
  bool Accept(char c);
  /// Steps over `c`, or fails.
  void Expect(char c, std::string_view problem, std::string_view accepted);
  /// The word that is next, perhaps an empty one.
  std::string_view Word();
  /// Which of the names is the word that is next; `what` is said of it in messages.
  size_t OneOf(std::string_view what, const Names& names);
  /// A whole number in a range; `what` names it in messages.
  int Number(std::string_view what, int minimum, int maximum);
  /// A number with a %; `what` names it in messages.
  double Percentage(std::string_view what, double minimum, double maximum);
  /// The text up to the first of `ends`, which is not stepped over, or to the end, without blanks
  /// around it.
  std::string_view UpToFirstOf(std::string_view ends);
  /// The text up to the last `end`, which is stepped over, without blanks around it. Fails if there
  /// is no `end`.
  std::string_view UpToLast(char end, std::string_view problem, std::string_view accepted);

  size_t position() const { return position_; }
  void GoTo(size_t position) { position_ = position; }
  /// Where the last Word or Number began.
  size_t word_start() const { return word_start_; }
  /// Goes back to there, or to the end of the word's first `length` bytes.
  void Unread(size_t length = 0) { position_ = word_start_ + length; }

 private:
  std::string_view text_;
  size_t position_ = 0;
  size_t word_start_ = 0;
};

}  // namespace mulberry
