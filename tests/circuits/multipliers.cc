// Multipliers in C++.
#include <cstdint>
#include <iostream>
#include <vector>

namespace circuits {

// A product built by the constructor, before main.
struct Squares {
  std::vector<uint32_t> values;
  Squares() {
    for (uint32_t i = 0; i < 1024; ++i) values.push_back(i * i);
    std::cout << "constructed" << std::endl;
  }
};
const Squares squares;

// ((a + b)^2 - (a - b)^2) / 4
uint16_t quarter_squares(uint8_t a, uint8_t b) noexcept {
  return (squares.values[a + b] - squares.values[a > b ? a - b : b - a]) / 4;
}

template <typename T>
uint32_t drop(T a, T b) {
  return (a & ~3) * b;
}

}  // namespace circuits
