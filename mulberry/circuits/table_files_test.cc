// Table files: their bytes against independent descriptions of the formats, there and back, and how
// they stand in for circuits.
#include "mulberry/circuits/table_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "mulberry/base/random.h"
#include "mulberry/circuits/test_circuits.h"

namespace mulberry {
namespace {

constexpr TableFormat kFormats[] = {TableFormat::kTfApprox, TableFormat::kApproxTorch,
                                    TableFormat::kNpy, TableFormat::kCsv};

std::string PathIn(const TestFolder& folder, TableFormat format) {
  const char* names[] = {"t.bin", "t.txt", "t.npy", "t.csv"};
  return folder.path() / names[static_cast<int>(format)];
}

/// A table of any products that fit.
ProductTable RandomTable(const CircuitShape& shape) {
  const RandomStream stream{.seed = 3, .stream = 0};
  ProductTable table{shape, {}};
  for (uint64_t i = 0; i < uint64_t{1} << shape.product_bits(); ++i) {
    table.products.push_back(ValueOf(stream.At(i), shape.product_bits(), shape.product_signed()));
  }
  return table;
}

ProductTable ExactTable(const CircuitShape& shape) {
  return {shape, TableOf(shape, [](int64_t a, int64_t b) { return a * b; })};
}

TEST(TableFiles, GoThereAndBack) {
  const TestFolder folder;
  for (const CircuitShape& shape :
       {Unsigned(8), Signed(8), Unsigned(4), Signed(4), CircuitShape{8, 4, false, false, false},
        CircuitShape{4, 8, true, true, false}, CircuitShape{1, 3, false, false, false},
        CircuitShape{8, 4, false, true, false}, CircuitShape{4, 8, true, false, false},
        Unsigned(10)}) {
    const ProductTable table = RandomTable(shape);
    for (const TableFormat format : kFormats) {
      if (format == TableFormat::kTfApprox && shape.product_bits() > 16) continue;
      const std::string path = PathIn(folder, format);
      WriteTable(table, path, format);
      const std::string bytes = ReadTestFile(path);
      const ProductTable read = ReadTable(path, shape);
      EXPECT_EQ(read, table) << Name(format) << " " << Name(shape);
      WriteTable(read, path, format);
      EXPECT_EQ(ReadTestFile(path), bytes) << Name(format) << " " << Name(shape);
    }
  }
}

TEST(TableFiles, TfApproxHasEncodingsAndLittleEndianProducts) {
  const std::string bytes = TableFileBytes(ExactTable(Unsigned(8)), TableFormat::kTfApprox);
  ASSERT_EQ(bytes.size(), 131072u);
  for (const auto& [a, b] : {std::pair(3, 200), {255, 255}, {0, 9}}) {
    const size_t at = static_cast<size_t>((a << 8 | b) * 2);
    EXPECT_EQ(static_cast<uint8_t>(bytes[at]), a * b & 255);
    EXPECT_EQ(static_cast<uint8_t>(bytes[at + 1]), a * b >> 8);
  }
  // -1 has the encoding 255, and -1 · 2 = -2 is fffe.
  const std::string negative = TableFileBytes(ExactTable(Signed(8)), TableFormat::kTfApprox);
  EXPECT_EQ(negative.substr((255 << 8 | 2) * 2, 2), "\xfe\xff");
}

TEST(TableFiles, TextHasRowsFromTheSmallestNumber) {
  const std::string text = TableFileBytes(ExactTable(Signed(8)), TableFormat::kApproxTorch);
  EXPECT_EQ(text.substr(0, 18), "16384 16256 16128 ");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 256);
  EXPECT_EQ(std::count(text.begin(), text.end(), ' '), 256 * 255);
  EXPECT_TRUE(text.ends_with(" 16129\n"));
  EXPECT_EQ(TableFileBytes(ExactTable(Signed(2)), TableFormat::kApproxTorch),
            "4 2 0 -2\n2 1 0 -1\n0 0 0 0\n-2 -1 0 1\n");
  EXPECT_EQ(TableFileBytes(ExactTable({1, 2, false, false, false}), TableFormat::kCsv),
            "0,0,0,0\n0,1,2,3\n");
  // Each operand from the smallest of its own numbers.
  EXPECT_EQ(TableFileBytes(ExactTable({1, 2, false, true, false}), TableFormat::kCsv),
            "0,0,0,0\n-2,-1,0,1\n");
  EXPECT_EQ(TableFileBytes(ExactTable({2, 1, true, false, false}), TableFormat::kCsv),
            "0,-2\n0,-1\n0,0\n0,1\n");
}

// numpy.save's bytes for the multiplication table of 0 to 3, of type uint8.
TEST(TableFiles, NpyHasNumPysHeader) {
  const std::string dictionary = "{'descr': '|u1', 'fortran_order': False, 'shape': (4, 4), }";
  const std::string header = std::string("\x93NUMPY\x01\x00\x76\x00", 10) + dictionary +
                             std::string(117 - dictionary.size(), ' ') + "\n";
  EXPECT_EQ(TableFileBytes(ExactTable(Unsigned(2)), TableFormat::kNpy),
            header + std::string("\0\0\0\0\0\1\2\3\0\2\4\6\0\3\6\11", 16));
}

template <typename T>
std::string Npy(const std::string& type, bool fortran, bool big_endian, int version,
                const CircuitShape& shape, const std::vector<T>& row_major) {
  const size_t rows = size_t{1} << shape.a_bits, columns = size_t{1} << shape.b_bits;
  const std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': ({}, {}), }}\n", type,
                  fortran ? "True" : "False", rows, columns);
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  bytes += static_cast<char>(header.size());
  bytes += std::string(version == 1 ? 1 : 3, '\0') + header;
  for (size_t i = 0; i < rows * columns; ++i) {
    const T value = row_major[fortran ? i % rows * columns + i / rows : i];
    char entry[sizeof(T)];
    std::memcpy(entry, &value, sizeof(T));
    if (big_endian) std::reverse(entry, entry + sizeof(T));
    bytes.append(entry, sizeof(T));
  }
  return bytes;
}

template <typename T>
void ExpectNpyIsRead(const std::string& type, bool is_signed) {
  const TestFolder folder;
  const std::string path = folder.path() / "t.npy";
  const CircuitShape shape{2, 1, is_signed, is_signed, false};
  const std::vector<T> entries =
      is_signed ? std::vector<T>{2, static_cast<T>(-2), 1, static_cast<T>(-1), 0,
                                 0, static_cast<T>(-1), 1}
                : std::vector<T>{0, 1, 2, 3, 4, 5, 6, 7};
  // In the order of the encodings: of 0 1 -2 -1 and 0 -1, where signed.
  const std::vector<int64_t> expected = is_signed ? std::vector<int64_t>{0, 0, 1, -1, -2, 2, -1, 1}
                                                  : std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7};
  for (const bool fortran : {false, true}) {
    for (const bool big_endian : {false, true}) {
      for (const int version : {1, 2}) {
        const std::string order = big_endian ? ">" : sizeof(T) == 1 ? "|" : "<";
        WriteTestFile(path, Npy<T>(order + type, fortran, big_endian, version, shape, entries));
        EXPECT_EQ(ReadTable(path, shape).products, expected) << order << type << fortran << version;
      }
    }
  }
}

TEST(TableFiles, NpyOfAllTypesAndOrdersIsRead) {
  ExpectNpyIsRead<uint8_t>("u1", false);
  ExpectNpyIsRead<int8_t>("i1", true);
  ExpectNpyIsRead<uint16_t>("u2", false);
  ExpectNpyIsRead<int16_t>("i2", true);
  ExpectNpyIsRead<uint32_t>("u4", false);
  ExpectNpyIsRead<int32_t>("i4", true);
  ExpectNpyIsRead<uint64_t>("u8", false);
  ExpectNpyIsRead<int64_t>("i8", true);
  ExpectNpyIsRead<float>("f4", true);
  ExpectNpyIsRead<double>("f8", false);
}

TEST(TableFiles, TextMayBeLessThanCanonical) {
  const TestFolder folder;
  const std::string text = folder.path() / "t.txt", csv = folder.path() / "t.csv";
  // As numpy.savetxt has it, and as spreadsheets do.
  WriteTestFile(text, "  0.000000000000000000e+00\t0\r\n\n0 1.0e+00");
  WriteTestFile(csv, "0, 0\r\n0 ,1.00\r\n\r\n");
  EXPECT_EQ(ReadTable(text, Unsigned(1)), ExactTable(Unsigned(1)));
  EXPECT_EQ(ReadTable(csv, Unsigned(1)), ExactTable(Unsigned(1)));
}

TEST(TableFiles, AreCircuits) {
  const TestFolder folder;
  const ProductTable table = RandomTable(Signed(4));
  const std::string path = folder.path() / "t.npy";
  WriteTable(table, path, TableFormat::kNpy);
  const auto circuit = LoadTableFile(path, Signed(4));
  EXPECT_EQ(circuit->description(), path);
  EXPECT_EQ(*EvaluateAll(*circuit), table);
  // Bits above an operand's width are ignored.
  const uint32_t a = 0xfffffff3, b = 0x15;
  uint64_t product = 0;
  circuit->Evaluate(&a, &b, &product, 1);
  EXPECT_EQ(ValueOf(product, 8, true), table.products[0x35]);
  EXPECT_EQ(product >> 8, 0u);
}

TEST(TableFiles, WritersRefuseWhatTheyCannotHold) {
  const auto message = [](const ProductTable& table, TableFormat format) {
    return MessageOf([&] { TableFileBytes(table, format); });
  };
  EXPECT_EQ(message(ExactTable(Unsigned(9)), TableFormat::kTfApprox),
            "tfapprox: TFApprox's tables have products of 16 bits, and those of uint9 operands "
            "have 18");
  EXPECT_EQ(message({Unsigned(2), std::vector<int64_t>(15)}, TableFormat::kCsv),
            "a table of uint2 operands has 16 products, not 15");
  for (const int64_t product : {-1, 16}) {
    ProductTable table = ExactTable(Unsigned(2));
    table.products[5] = product;
    EXPECT_EQ(message(table, TableFormat::kNpy),
              fmt::format("the table has a product {}; products of uint2 operands are integers "
                          "from 0 to 15",
                          product));
  }
  EXPECT_EQ(message({{16, 9, false, false, false}, {}}, TableFormat::kNpy),
            "table: a table of uint16 x uint9 operands has 2^25 products, more than the limit of "
            "2^24");
  const TestFolder folder;
  const std::string path = folder.path() / "no" / "t.csv";
  EXPECT_EQ(MessageOf([&] { WriteTable(ExactTable(Unsigned(2)), path, TableFormat::kCsv); }),
            path + ": cannot be written: No such file or directory");
}

}  // namespace
}  // namespace mulberry
