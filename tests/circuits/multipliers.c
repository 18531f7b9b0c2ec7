// Multipliers that the tests load, each in another dress. Those that are not commutative drop the two
// lowest bits of the first operand.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drop.h"

// EvoApproxLib's unsigned convention.
uint64_t mul8u_drop(const uint64_t A, const uint64_t B) { return (A & ~DROP) * B; }

// The first argument is the first operand, whatever its name.
uint64_t mul8u_drop_named(const uint64_t B, const uint64_t A) { return (B & ~DROP) * A; }

// EvoApproxLib's signed convention: two's complement in unsigned types.
uint16_t mul8s_drop(uint8_t A, uint8_t B) { return (int8_t)(A & ~DROP) * (int8_t)B; }

// The same in signed types, and static, with the operands' types apart.
static int mul8s_drop_typed(const signed char a, short b) { return (a & ~DROP) * b; }

// The encodings of negative operands are not to be sign-extended in a wider unsigned type.
uint32_t mul8s_wide(uint32_t a, uint64_t b) { return a > 255 || b > 255 ? 0 : (int8_t)a * (int8_t)b; }

// Only the lowest 16 bits are the product.
uint64_t mul8u_high_bits(uint8_t a, uint8_t b) { return 0xabcd0000 | a * b; }

// Operands of 8 and 4 bits.
inline uint16_t mul8x4u_drop(uint16_t a, unsigned char b) { return (a & ~DROP) * b; }

// An unsigned operand of 8 bits and a signed one, in types of their own.
int mul8ux8s_drop(unsigned char a, signed char b) { return (a & ~DROP) * b; }

// A signed operand of 8 bits and an unsigned one of 4, both as encodings.
uint16_t mul8sx4u_drop(uint8_t a, uint8_t b) { return (int8_t)(a & ~DROP) * b; }

// Wider than any table.
int64_t mul24s(int32_t a, int32_t b) { return (int64_t)a * b; }
unsigned long mul32u(unsigned long a, unsigned long b) { return a * b; }

// Names that the harness uses, too.
uint16_t count(uint8_t batch, uint8_t i) { return batch * i; }

// Talks all the time.
uint16_t mul8u_noisy(uint8_t a, uint8_t b) {
  printf("%d * %d\n", a, b);
  if (b == 0) fflush(stdout);
  fprintf(stderr, "noise");
  return a * b;
}

// A multiplier of floats, of bfloat16's significands.
float mul_bf16(float a, float b) {
  uint32_t bits;
  memcpy(&bits, &a, sizeof bits);
  bits &= 0xffff0000;
  memcpy(&a, &bits, sizeof bits);
  return a * b;
}

int main(void) {
  printf("a file may have a main function\n");
  return EXIT_SUCCESS;
}
