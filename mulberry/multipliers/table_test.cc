// Mantissa tables: their entries, ApproxTrain's bytes there and back, and every way in which a file
// can be wrong.
#include "mulberry/multipliers/table.h"
#include "mulberry/multipliers/imported.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

namespace fs = std::filesystem;

FloatMultiplier Make(const char* family, std::vector<int> values, int m, ResultRounding result) {
  const int dropped_bits = family == std::string("mbm") ? 23 - m : 0;
  return {MakeModel({family, std::move(values), {}}, {m + 1, true, dropped_bits}), m, result};
}

MantissaTable MbmTable(int m) {
  return MakeMantissaTable(Make("mbm", {0}, m, ResultRounding::kZero));
}

template <typename Function>
std::string MessageOf(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

#define EXPECT_HAS(text, part) \
  EXPECT_NE(std::string(text).find(part), std::string::npos) << (text) << "\nlacks: " << (part)

class TableFileTest : public testing::Test {
 protected:
  TableFileTest() { fs::create_directory(folder_); }
  ~TableFileTest() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  void Write(const std::string& name, const std::vector<uint8_t>& bytes) const {
    std::ofstream file(Path(name), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  std::vector<uint8_t> Read(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string ReadError(const std::string& name) const {
    return MessageOf([&] { ReadApproxTrainTable(Path(name)); });
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("mulberry_table_" + std::to_string(::getpid()));
};

TEST(MantissaTable, HoldsEverySignificandProduct) {
  for (int m = 2; m <= 8; ++m) {
    const FloatMultiplier multiplier = Make("drum", {3}, m, ResultRounding::kFull);
    const MantissaTable table = MakeMantissaTable(multiplier);
    const uint32_t count = uint32_t{1} << m;
    ASSERT_EQ(table.products.size(), size_t{count} * count);
    for (uint32_t i = 0; i < count; ++i) {
      for (uint32_t j = 0; j < count; ++j) {
        ASSERT_EQ(table.at(i, j), multiplier.SignificandProduct(i, j));
      }
    }
  }
}

TEST(MantissaTable, HasAtMost8MantissaBits) {
  EXPECT_EQ(MessageOf([] { MakeMantissaTable(Make("exact", {}, 9, ResultRounding::kFull)); }),
            "a mantissa table has at most 8 mantissa bits, and the multiplier has 9");
}

TEST(ApproxTrainBytes, AreCarryAndMantissa) {
  // One mantissa bit: 1·1, 1·1.5, 1.5·1, 1.5·1.5 = 2.25, truncated to 2.
  const MantissaTable exact = MakeMantissaTable(Make("exact", {}, 1, ResultRounding::kZero));
  EXPECT_EQ(ToApproxTrainBytes(exact), (std::vector<uint8_t>{0x00, 0x01, 0x01, 0x80}));
  // The first operand is the row.
  const MantissaTable table{1, {1.0f, 1.5f, 2.0f, 3.0f}};
  EXPECT_EQ(ToApproxTrainBytes(table), (std::vector<uint8_t>{0x00, 0x01, 0x80, 0x81}));
}

TEST(ApproxTrainBytes, OfMbmHaveItsValues) {
  // In 32nds: mantissas 0 and 1 count as 1, 28 and 29 as 29, 30 and 31 as 31.
  const std::vector<uint8_t> bytes = ToApproxTrainBytes(MbmTable(5));
  ASSERT_EQ(bytes.size(), 1024u);
  EXPECT_EQ(bytes[0], 0x04);            // 1 + (1 + 1 + 2)/32
  EXPECT_EQ(bytes[28 << 5 | 0], 0x80);  // 1 + (29 + 1 + 2)/32 = 2
  EXPECT_EQ(bytes[28 << 5 | 2], 0x81);  // 2·(1 + (0 + 1)/32)
  EXPECT_EQ(bytes[28 << 5 | 4], 0x83);
  EXPECT_EQ(bytes[31 << 5 | 31], 0x9f);  // 2·(1 + (30 + 1)/32)
}

TEST(ApproxTrainBytes, GoThereAndBack) {
  for (int m = 1; m <= 7; ++m) {
    // Every byte that a table may have, twice or more.
    std::vector<uint8_t> bytes(size_t{1} << 2 * m);
    for (size_t i = 0; i < bytes.size(); ++i) {
      const uint8_t mantissa = static_cast<uint8_t>(i & ((1u << m) - 1));
      bytes[i] = static_cast<uint8_t>(mantissa | (i >> m & 1) << 7);
    }
    const MantissaTable table = FromApproxTrainBytes(bytes, "x");
    EXPECT_EQ(table.mantissa_bits, m);
    EXPECT_EQ(ToApproxTrainBytes(table), bytes);
    const MantissaTable mbm = MbmTable(m);
    EXPECT_EQ(FromApproxTrainBytes(ToApproxTrainBytes(mbm), "x").products, mbm.products);
  }
}

TEST(ApproxTrainBytes, RefuseOtherProducts) {
  const auto message = [](float product) {
    return MessageOf([&] { ToApproxTrainBytes({1, {1.0f, 1.0f, product, 1.0f}}); });
  };
  for (const float product :
       {0.0f, 0.5f, 4.0f, 1.25f, 2.5f, -1.0f, std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_HAS(message(product), "the product of mantissas 1 and 0 is ");
  }
  EXPECT_HAS(message(2.5f), "2.5");
  EXPECT_EQ(message(3.0f), "no error");
  EXPECT_HAS(MessageOf([] {
               ToApproxTrainBytes(MakeMantissaTable(Make("exact", {}, 7, ResultRounding::kFull)));
             }),
             "result=zero");
  for (const int m : {0, 8}) {
    EXPECT_EQ(MessageOf([&] {
                ToApproxTrainBytes(MakeMantissaTable(Make("exact", {}, m, ResultRounding::kZero)));
              }),
              fmt::format("a table file has 1 to 7 mantissa bits, and the table has {}", m));
  }
}

TEST(ApproxTrainBytes, RefuseWrongSizes) {
  for (const size_t size : {0, 1, 3, 5, 8, 1023, 1025, 16383, 65536}) {
    const std::string message =
        MessageOf([&] { FromApproxTrainBytes(std::vector<uint8_t>(size), "NAME"); });
    EXPECT_HAS(message, fmt::format("NAME: has {} bytes", size));
    EXPECT_HAS(message, "4, 16, 64, 256, 1024, 4096 or 16384");
  }
}

TEST(ApproxTrainBytes, RefuseStrayBits) {
  std::vector<uint8_t> bytes(64);
  bytes[17] = 0x90;
  EXPECT_EQ(MessageOf([&] { FromApproxTrainBytes(bytes, "NAME"); }),
            "NAME: byte 17 is 0x90: with 3 mantissa bits only bit 7 and the lowest 3 may be set");
  for (int bit = 0; bit < 8; ++bit) {
    bytes[17] = static_cast<uint8_t>(1 << bit);
    const bool stray = bit >= 3 && bit < 7;
    EXPECT_EQ(MessageOf([&] { FromApproxTrainBytes(bytes, "NAME"); }) != "no error", stray) << bit;
  }
}

TEST_F(TableFileTest, WriteReadWriteGivesTheSameBytes) {
  const MantissaTable table = MbmTable(7);
  WriteApproxTrainTable(table, Path("MBM_7.bin"));
  EXPECT_EQ(Read("MBM_7.bin"), ToApproxTrainBytes(table));
  const MantissaTable read = ReadApproxTrainTable(Path("MBM_7.bin"));
  EXPECT_EQ(read.products, table.products);
  WriteApproxTrainTable(read, Path("again_7.bin"));
  EXPECT_EQ(Read("again_7.bin"), Read("MBM_7.bin"));
}

TEST_F(TableFileTest, AFailedWriteLeavesTheOldFile) {
  WriteApproxTrainTable(MbmTable(3), Path("t_3.bin"));
  const std::vector<uint8_t> old = Read("t_3.bin");
  EXPECT_THROW(WriteApproxTrainTable({3, std::vector<float>(64, 1.01f)}, Path("t_3.bin")), Error);
  EXPECT_EQ(Read("t_3.bin"), old);
  EXPECT_HAS(MessageOf([&] { WriteApproxTrainTable(MbmTable(3), Path("no/t_3.bin")); }),
             Path("no/t_3.bin") + ": cannot be written: No such file");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(TableFileTest, TheNameMustAgreeWithTheSize) {
  const std::vector<uint8_t> bytes = ToApproxTrainBytes(MbmTable(5));
  Write("MBM_7.bin", bytes);
  EXPECT_EQ(ReadError("MBM_7.bin"),
            Path("MBM_7.bin") + ": its name says 7 mantissa bits, its 1024 bytes are those of 5");
  for (const char* name : {"MBM_5.bin", "two_words_5.bin", "table.bin", "MBM_7.lut", "MBM_x.bin",
                           "MBM_.bin", "MBM7.bin"}) {
    Write(name, bytes);
    EXPECT_EQ(ReadApproxTrainTable(Path(name)).mantissa_bits, 5) << name;
  }
}

TEST_F(TableFileTest, UnreadableFilesAreNamed) {
  EXPECT_HAS(ReadError("none_7.bin"), Path("none_7.bin") + ": cannot be read: No such file");
  fs::create_directory(Path("folder_7.bin"));
  EXPECT_HAS(ReadError("folder_7.bin"), Path("folder_7.bin") + ": ");
  Write("short_7.bin", std::vector<uint8_t>(16000));
  EXPECT_HAS(ReadError("short_7.bin"), Path("short_7.bin") + ": has 16000 bytes");
  Write("stray_1.bin", {0, 0, 2, 0});
  EXPECT_HAS(ReadError("stray_1.bin"), Path("stray_1.bin") + ": byte 2 is 0x02");
}

TEST_F(TableFileTest, IsAMultiplierOfItsFormat) {
  const FloatMultiplier mbm = Make("mbm", {0}, 7, ResultRounding::kZero);
  WriteApproxTrainTable(MakeMantissaTable(mbm), Path("MBM_7.bin"));
  const Multiplier multiplier{std::string(kTableFamily), {}, Path("MBM_7.bin")};
  const Model model = MakeModel(multiplier, {8, true, 16});
  const FloatMultiplier imported(model, 7, ResultRounding::kZero);
  EXPECT_EQ(MakeMantissaTable(imported).products, MakeMantissaTable(mbm).products);
  EXPECT_EQ(model(255, 255), 254u * 256);  // 2·(1 + 126/128), in units of 2^-14.
}

TEST_F(TableFileTest, IsNoMultiplierOfAnotherFormat) {
  WriteApproxTrainTable(MbmTable(7), Path("MBM_7.bin"));
  const Multiplier multiplier{std::string(kTableFamily), {}, Path("MBM_7.bin")};
  EXPECT_EQ(MessageOf([&] {
              MakeModel(multiplier, {11, true, 13});
            }),
            Path("MBM_7.bin") + ": is a table of 7 mantissa bits, and the format has 10");
  EXPECT_EQ(MessageOf([&] {
              MakeModel(multiplier, {8, false, 0});
            }),
            Path("MBM_7.bin") +
                ": has 16384 bytes; a table of uint8 operands with 16-bit products has 131072");
  EXPECT_THROW(MakeModel(multiplier, {11, true, 13}), Error);
}

}  // namespace
}  // namespace mulberry
