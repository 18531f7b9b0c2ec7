// Trace files: what is written is read, and what is wrong is named.
#include "mulberry/analysis/trace_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

TEST(TraceFile, ReadsWhatItWrites) {
  const TestFolder folder;
  const std::string path = folder.path() / "t.trace";
  const OperandTrace trace{"mitchell@bf16",
                           "features.conv 1",
                           "weight_gradient",
                           {{0x3f80, 0xbd12}, {0, 0xffffffff}, {0x80000000, 1}}};
  WriteTrace(trace, path);
  EXPECT_EQ(ReadTrace(path), trace);
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(text,
            "mulberry-trace 1\narithmetic mitchell@bf16\nlayer features.conv 1\n"
            "pass weight_gradient\npairs 3\n3f80 bd12\n0 ffffffff\n80000000 1\n");
}

TEST(TraceFile, NamesFileLineFoundAndExpected) {
  const TestFolder folder;
  const std::string path = folder.path() / "t.trace";
  const std::string head = "mulberry-trace 1\narithmetic a\nlayer l\npass forward\n";
  const auto message = [&](const std::string& text) {
    std::ofstream(path) << text;
    try {
      ReadTrace(path);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  const auto at = [&](int line, const std::string& rest) {
    return path + ":" + std::to_string(line) + ": found " + rest;
  };
  EXPECT_EQ(message("{}"), at(1,
                              "'{}', expected 'mulberry-trace 1', the first line of a trace of "
                              "operands"));
  EXPECT_EQ(message("mulberry-trace 1\nlayer l\n"),
            at(2, "'layer l', expected 'arithmetic ' and its value"));
  EXPECT_EQ(message(head + "pairs many\n"), at(5, "'pairs many', expected a number of pairs"));
  EXPECT_EQ(message(head + "pairs 2\n1 2\n"),
            at(7, "'', expected pair 2 of 2: two encodings in hex"));
  EXPECT_EQ(message(head + "pairs 1\n1 2g\n"),
            at(6, "'1 2g', expected pair 1 of 1: two encodings in hex"));
  EXPECT_EQ(message(head + "pairs 1\n1 100000000\n"),
            at(6, "'1 100000000', expected pair 1 of 1: two encodings in hex"));
  EXPECT_EQ(message(head + "pairs 1\n1 2\n3 4\n"),
            at(7, "'3 4', expected the end of the file after 1 pairs"));
  EXPECT_THROW(ReadTrace(folder.path() / "none"), Error);
}

}  // namespace
}  // namespace mulberry
