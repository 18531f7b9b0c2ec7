// Functions that misbehave, most of them on some operands only.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

uint16_t segfault(uint8_t a, uint8_t b) {
  if (a == 3 && b == 7) *(volatile int*)0 = 1;
  return a * b;
}

uint16_t aborts(uint8_t a, uint8_t b) {
  if (a == 0 && b == 9) abort();
  return a * b;
}

uint16_t divides(uint8_t a, uint8_t b) { return a * b / (b ^ 5); }

int16_t divides_signed(int8_t a, int8_t b) { return a * b / (b + 5); }

uint16_t exits(uint8_t a, uint8_t b) {
  if (a == 255 && b == 255) exit(0);
  return a * b;
}

uint16_t loops(uint8_t a, uint8_t b) {
  volatile int endless = a == 200 && b == 1;
  while (endless) {
  }
  return a * b;
}

uint16_t sleeps(uint8_t a, uint8_t b) {
  if (a == 1) usleep(20000);
  return a * b;
}

uint16_t recurses(uint16_t a, uint16_t b) {
  volatile char frame[1 << 16];
  frame[b] = 1;
  return a == 2 ? recurses(a, (b + 1) & 0xff) + frame[b] : a * b;
}

uint16_t hoards(uint8_t a, uint8_t b) {
  if (a == 4) {
    volatile char* memory = malloc((size_t)1 << 30);
    *memory = b;
  }
  return a * b;
}

uint16_t random_bit(uint8_t a, uint8_t b) { return a * b ^ (rand() & 1); }

uint16_t counts(uint8_t a, uint8_t b) {
  static uint16_t calls;
  return a * b + (++calls > 60000);
}

uint16_t tires(uint8_t a, uint8_t b) {
  static int calls;
  if (++calls > 1000) abort();
  return a * b;
}

uint16_t process_number(uint8_t a, uint8_t b) { return a * b ^ (getpid() & 1023); }

uint32_t random_bit_wide(uint16_t a, uint16_t b) { return (uint32_t)a * b ^ (rand() & 1); }

float random_float(float a, float b) { return a * b + rand(); }

uint16_t leaves_a_child(uint8_t a, uint8_t b) {
  if (a == 6) {
    if (fork() == 0) for (;;) pause();
    abort();
  }
  return a * b;
}
