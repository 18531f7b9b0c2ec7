#include "mulberry/hardware/liberty_text.h"

#include <cctype>
#include <utility>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

constexpr int kMaxDepth = 32;  // Deeper nesting is garbage, and would exhaust the stack.

struct Token {
  enum Kind { kWord, kString, kMark, kEnd } kind = kEnd;
  std::string text;
  int line = 0;

  bool Is(char mark) const { return kind == kMark && text[0] == mark; }
};

class Parser {
 public:
  Parser(std::string_view text, const std::string& path) : text_(text), path_(path) { Advance(); }

  LibertyGroup File() {
    if (token_.kind != Token::kWord || token_.text != "library") Fail("library (NAME) {");
    LibertyGroup top;
    Statement(top, 0);
    if (top.groups.size() != 1) Fail("a group: library (NAME) {");
    if (token_.kind != Token::kEnd) Fail("the end of the file after the library's }");
    return std::move(top.groups[0]);
  }

 private:
  [[noreturn]] void Fail(std::string_view expected) const {
    std::string found = token_.kind == Token::kEnd ? "the end of the file" : "\"" + token_.text;
    if (token_.kind != Token::kEnd) found = found.substr(0, 41) + "\"";
    throw Error("{}:{}: found {}, expected {}", path_, token_.line, found, expected);
  }

  void SkipBlanks() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (std::isspace(static_cast<unsigned char>(c)) || c == '\\') {
        ++at_;
      } else if (text_.substr(at_, 2) == "//") {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (text_.substr(at_, 2) == "/*") {
        const size_t end = text_.find("*/", at_ + 2);
        if (end == text_.npos) {
          throw Error("{}:{}: found a comment without an end, expected */", path_, line_);
        }
        for (; at_ < end + 2; ++at_) line_ += text_[at_] == '\n';
      } else {
        return;
      }
    }
  }

  void Advance() {
    SkipBlanks();
    token_ = {Token::kEnd, "", line_};
    if (at_ >= text_.size()) return;
    const char c = text_[at_];
    if (c == '"') {
      ReadString();
    } else if (IsMark(c)) {
      token_.kind = Token::kMark;
      token_.text = c;
      ++at_;
    } else {
      token_.kind = Token::kWord;
      while (at_ < text_.size() && !IsMark(text_[at_]) && text_[at_] != '"' && text_[at_] != '\\' &&
             !std::isspace(static_cast<unsigned char>(text_[at_]))) {
        token_.text += text_[at_++];
      }
    }
  }

  static bool IsMark(char c) {
    return std::string_view("{}();:,").find(c) != std::string_view::npos;
  }

  void ReadString() {
    token_.kind = Token::kString;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        const size_t next = text_[at_ + 1] == '\r' ? at_ + 2 : at_ + 1;
        if (next < text_.size() && text_[next] == '\n') {
          at_ = next;
          ++line_;
          token_.text += ' ';
          continue;
        }
      }
      token_.text += text_[at_];
    }
    if (at_ >= text_.size()) {
      throw Error("{}:{}: found a string without an end, expected \"", path_, token_.line);
    }
    ++at_;
  }

  bool AtValue() const { return token_.kind == Token::kWord || token_.kind == Token::kString; }

  void Statement(LibertyGroup& parent, int depth) {
    if (token_.kind != Token::kWord) Fail("the name of an attribute or group, or }");
    const std::string name = token_.text;
    const int line = token_.line;
    Advance();
    if (token_.Is(':')) {
      Advance();
      parent.attributes.push_back({name, {SimpleValue()}, line});
    } else if (token_.Is('(')) {
      Advance();
      std::vector<std::string> values = Arguments();
      if (token_.Is('{')) {
        if (depth >= kMaxDepth) Fail("groups nested less deeply");
        LibertyGroup group{name, std::move(values), {}, {}, line};
        Body(group, depth + 1);
        parent.groups.push_back(std::move(group));
      } else {
        parent.attributes.push_back({name, std::move(values), line});
      }
    } else {
      Fail("\":\" or \"(\" after " + name);
    }
    while (token_.Is(';')) Advance();
  }

  // Up to the semicolon, which some libraries leave out at the end of a line.
  std::string SimpleValue() {
    if (!AtValue()) Fail("a value after \":\"");
    std::string value = token_.text;
    const int line = token_.line;
    Advance();
    while ((AtValue() || token_.Is(',')) && token_.line == line) {
      value += " " + token_.text;
      Advance();
    }
    if (!token_.Is(';') && !token_.Is('}') && token_.line == line) Fail("\";\"");
    return value;
  }

  std::vector<std::string> Arguments() {
    std::vector<std::string> values;
    while (!token_.Is(')')) {
      if (token_.Is(',')) {
        Advance();
        continue;
      }
      if (!AtValue() && !token_.Is(':')) Fail("a value, \",\" or \")\"");
      values.push_back(token_.text);
      Advance();
    }
    Advance();
    return values;
  }

  void Body(LibertyGroup& group, int depth) {
    Advance();
    while (!token_.Is('}')) {
      if (token_.kind == Token::kEnd) {
        Fail(fmt::format("}} of the group {} that begins in line {}", group.name, group.line));
      }
      Statement(group, depth);
    }
    Advance();
  }

  std::string_view text_;
  const std::string& path_;
  size_t at_ = 0;
  int line_ = 1;
  Token token_;
};

}  // namespace

const LibertyAttribute* LibertyGroup::Find(std::string_view attribute) const {
  for (auto a = attributes.rbegin(); a != attributes.rend(); ++a) {
    if (a->name == attribute) return &*a;
  }
  return nullptr;
}

LibertyGroup ParseLibertyText(std::string_view text, const std::string& path) {
  return Parser(text, path).File();
}

}  // namespace mulberry
