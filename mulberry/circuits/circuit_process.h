// A circuit whose products are computed by a compiled program in processes of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "mulberry/circuits/circuit.h"
#include "mulberry/circuits/circuit_child.h"

namespace mulberry {

/// The circuit that `program` (circuit_runner.h) computes; `program_digest` stands for all that the
/// program was made of. Starts it, to see that it can be and that the types of its operands fit.
/// Throws Error that begins with the description.
///
/// Evaluate() starts as many processes as there are threads in it, keeps them for the next call,
/// and where a batch fails evaluates the pair at fault once more by itself: the error then tells
/// whether that pair alone is to blame.
std::shared_ptr<const Circuit> MakeProcessCircuit(const std::filesystem::path& program,
                                                  const std::string& program_digest,
                                                  const CircuitShape& shape,
                                                  const std::string& description,
                                                  const CircuitLimits& limits);

}  // namespace mulberry
