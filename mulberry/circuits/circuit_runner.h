// The text of the program in which a user's circuit runs, apart from the circuit: what it shares
// with this process, its main function, and the ends that make a C or C++ function, or a simulated
// Verilog module, callable by it. Not here: compiling (circuit_build.h) and running it
// (circuit_child.h).
#pragma once

#include <string>

namespace mulberry {

// One definition for both sides: this macro is the struct here, its text is the struct there.
#define MULBERRY_CIRCUIT_BATCH                                                                  \
  struct MulberryBatch {                                                                        \
    unsigned int types[3];      /* Codes of kNumberTypes: first and second operand, product. */ \
    unsigned int extend[2];     /* The bits from which operands are sign-extended, or 0. */     \
    unsigned int seconds;       /* The processor time that a batch may take. */                 \
    unsigned long long memory;  /* The address space that the program may have, in bytes. */    \
    volatile unsigned progress; /* The pair at work. */                                         \
    unsigned int a[65536];                                                                      \
    unsigned int b[65536];                                                                      \
    unsigned long long products[65536];                                                         \
  }

/// Memory that both sides map. The program finds it open as descriptor 3, and on descriptor 4 a
/// socket: it sends a 0 when it has started; for each number n that it receives it computes n
/// products and sends n back; it ends when the other side is closed.
MULBERRY_CIRCUIT_BATCH;
inline constexpr int kBatchDescriptor = 3;
inline constexpr int kSocketDescriptor = 4;
inline constexpr unsigned kMaxBatch = 65536;

/// The main function, a whole source file in C.
std::string RunnerText();

/// What follows a user's preprocessed C source to make `function` callable: no macros.
std::string EndOfC(const std::string& function);
/// The same for C++.
std::string EndOfCpp(const std::string& function);

/// What follows the C++ text of a module that CXXRTL has written. `type` is the module's class,
/// `a`, `b` and `product` its members.
std::string EndOfCxxrtl(const std::string& type, const std::string& a, const std::string& b,
                        const std::string& product);

}  // namespace mulberry
