#include "mulberry/kernels/cpu/amx.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>

#if defined(__x86_64__) && defined(__linux__)
#define MULBERRY_AMX 1
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace mulberry {
namespace {

std::atomic<bool> amx_allowed = true;
std::atomic<TileProduct> product_for_test = nullptr;

#ifdef MULBERRY_AMX

/// The processor has tiles and products of bytes, and Linux lets this process use them.
bool Granted() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kTiles = 1u << 24, kInt8 = 1u << 25;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & kTiles) == 0 || (d & kInt8) == 0) {
    return false;
  }
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

/// LDTILECFG's operand: palette 1, all eight tiles of 16 rows of 64 bytes.
struct alignas(64) TileConfiguration {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfiguration) == 64);

__attribute__((target("amx-tile,amx-int8"))) void HardwareTileProduct(const uint8_t* rows,
                                                                      const uint8_t* columns,
                                                                      int64_t steps,
                                                                      int32_t* sums) {
  static constexpr TileConfiguration kConfiguration;
  _tile_loadconfig(&kConfiguration);
  _tile_loadd(0, sums, 64);
  _tile_loadd(1, sums + 256, 64);
  _tile_loadd(2, sums + 512, 64);
  _tile_loadd(3, sums + 768, 64);
  for (int64_t s = 0; s < steps; ++s) {
    _tile_loadd(4, rows, 64);
    _tile_loadd(5, rows + kTileBytes, 64);
    _tile_loadd(6, columns, 64);
    _tile_loadd(7, columns + kTileBytes, 64);
    _tile_dpbsud(0, 4, 6);
    _tile_dpbsud(1, 4, 7);
    _tile_dpbsud(2, 5, 6);
    _tile_dpbsud(3, 5, 7);
    rows += 2 * kTileBytes;
    columns += 2 * kTileBytes;
  }
  _tile_stored(0, sums, 64);
  _tile_stored(1, sums + 256, 64);
  _tile_stored(2, sums + 512, 64);
  _tile_stored(3, sums + 768, 64);
  _tile_release();
}

/// The hardware gives the model's sums of random bytes, from sums that wrap around.
bool Agrees() {
  constexpr int64_t kSteps = 3, kSums = 4 * 256;
  alignas(64) static uint8_t rows[kSteps * 2 * kTileBytes], columns[sizeof(rows)];
  alignas(64) static int32_t expected[kSums], actual[kSums];
  std::mt19937 random(1);
  for (uint8_t& byte : rows) byte = static_cast<uint8_t>(random());
  for (uint8_t& byte : columns) byte = static_cast<uint8_t>(random());
  for (int32_t& sum : expected) sum = static_cast<int32_t>(random());
  std::copy(std::begin(expected), std::end(expected), actual);
  ModelTileProduct(rows, columns, kSteps, expected);
  HardwareTileProduct(rows, columns, kSteps, actual);
  return std::equal(std::begin(expected), std::end(expected), actual);
}

TileProduct OfMachine() {
  static const bool usable = Granted() && Agrees();
  return usable ? &HardwareTileProduct : nullptr;
}

#else

TileProduct OfMachine() {
  return nullptr;
}

#endif

}  // namespace

void ModelTileProduct(const uint8_t* rows, const uint8_t* columns, int64_t steps, int32_t* sums) {
  for (int64_t s = 0; s < steps; ++s) {
    for (int64_t ij = 0; ij < 4; ++ij) {
      const uint8_t* a = rows + (2 * s + ij / 2) * kTileBytes;
      const uint8_t* b = columns + (2 * s + ij % 2) * kTileBytes;
      for (int64_t m = 0; m < 16; ++m) {
        for (int64_t n = 0; n < 16; ++n) {
          uint32_t sum = 0;
          for (int64_t q = 0; q < 16; ++q) {
            for (int64_t byte = 0; byte < 4; ++byte) {
              sum += static_cast<uint32_t>(static_cast<int8_t>(a[64 * m + 4 * q + byte]) *
                                           b[64 * q + 4 * n + byte]);
            }
          }
          int32_t& to = sums[256 * ij + 16 * m + n];
          to = static_cast<int32_t>(static_cast<uint32_t>(to) + sum);
        }
      }
    }
  }
}

TileProduct BestTileProduct() {
  if (const TileProduct product = product_for_test) return product;
  return amx_allowed ? OfMachine() : nullptr;
}

void AllowAmx(bool allowed) {
  amx_allowed = allowed;
}

void UseTileProductForTest(TileProduct product) {
  product_for_test = product;
}

}  // namespace mulberry
