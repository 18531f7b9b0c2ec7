// What the tests of the program share: running it to its end in a folder of its own.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mulberry/base/test_folder.h"
#include "mulberry/cli/test_program.h"

namespace mulberry {

class CliTest : public testing::Test {
 protected:
  Outcome Mulberry(const std::vector<std::string>& arguments) const {
    return Program(arguments, folder_ + "/program").Wait();
  }

  // A training that takes a moment; `more` goes to the command line.
  Outcome Train(const std::string& out, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"train",
                                          "--data",
                                          "synthetic",
                                          "--epochs",
                                          "1",
                                          "--limit-train",
                                          "120",
                                          "--batch-size",
                                          "30",
                                          "--limit-test",
                                          "50",
                                          "--out",
                                          folder_ + "/" + out,
                                          "--threads",
                                          "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Mulberry(arguments);
  }

  static bool Has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  const TestFolder test_folder_;
  const std::string folder_ = test_folder_.path();
};

}  // namespace mulberry
