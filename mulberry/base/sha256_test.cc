// SHA-256 against published digests, whole and in pieces.
#include "mulberry/base/sha256.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"
#include "mulberry/base/test_folder.h"

namespace mulberry {
namespace {

// FIPS 180-4's examples, published by NIST, and the digest of no bytes at all.
TEST(Sha256, AgreesWithPublishedDigests) {
  const TestFolder folder;
  const auto path = folder.path() / "f";
  WriteTestFile(path, "");
  EXPECT_EQ(Sha256OfFile(path), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  WriteTestFile(path, "abc");
  EXPECT_EQ(Sha256OfFile(path), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  WriteTestFile(path, std::string(1000000, 'a'));
  EXPECT_EQ(Sha256OfFile(path), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Lengths around a block and its padding; the digests are those of sha256sum.
TEST(Sha256, OfPiecesIsThatOfTheWhole) {
  const std::pair<size_t, const char*> digests[] = {
      {55, "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072"},
      {56, "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e"},
      {63, "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2"},
      {64, "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c"},
      {65, "9537c5fdf120482f7d58d25e9ed583f52c02b4e304ea814db1633ad565aed7e9"},
      {119, "000b48d4edf0fa7bee3c6236ecd2785baa5db4eeb8bb54341b029e0d9fa5fb0c"},
      {120, "13f05a0b594787f5ecd315edc96141bd3243203d1b7d4f0836f37308b276ba98"},
      {128, "24da1b81d0b16df6428eee73c69fcb2a93c76bc6df706f0c6670fe6bfe800464"},
      {1000, "44f8354494a5ba03ba1792a8d3e9c534c47a9181980fde7a3f44b06ef2ae7c7f"},
  };
  for (const auto& [length, digest] : digests) {
    const std::string message(length, 'x');
    for (size_t first = 0; first <= length; first += 11) {
      const std::string_view whole = message;
      EXPECT_EQ(Sha256().Add(whole.substr(0, first)).Add(whole.substr(first)).Digest(), digest);
    }
  }
}

TEST(Sha256, NamesAFileThatCannotBeRead) {
  try {
    Sha256OfFile("/nonexistent/file");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cannot read /nonexistent/file: No such file or directory");
  }
}

}  // namespace
}  // namespace mulberry
