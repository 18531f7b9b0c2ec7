#include "mulberry/hardware/aig.h"

#include <algorithm>
#include <sstream>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

void AppendVarint(std::string& bytes, uint32_t value) {
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
}

uint32_t TakeVarint(const std::string& bytes, size_t& at) {
  uint32_t value = 0;
  for (int shift = 0; shift < 32; shift += 7) {
    if (at >= bytes.size()) throw Error("an AIGER file ends in the middle of a gate");
    const auto byte = static_cast<uint8_t>(bytes[at++]);
    value |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

}  // namespace

Aig::Literal Aig::And(Literal a, Literal b) {
  if (a < b) std::swap(a, b);
  if (b == kFalse || a == Not(b)) return kFalse;
  if (b == kTrue || a == b) return a;
  const auto [at, is_new] = of_.try_emplace({a, b}, 0);
  if (is_new) {
    gates_.emplace_back(a, b);
    at->second = 2 * (inputs_ + static_cast<uint32_t>(gates_.size()));
  }
  return at->second;
}

Aig::Literal Aig::Mux(Literal select, Literal one, Literal zero) {
  if (one == zero) return one;
  return Not(And(Not(And(select, one)), Not(And(Not(select), zero))));
}

Aig::Literal Aig::OfValues(const std::vector<Literal>& arguments,
                           const std::function<bool(uint64_t)>& values) {
  std::vector<Literal> cofactors(size_t{1} << arguments.size());
  for (size_t i = 0; i < cofactors.size(); ++i) cofactors[i] = values(i) ? kTrue : kFalse;
  for (size_t at = arguments.size(); at-- > 0;) {
    for (size_t i = 0; i < cofactors.size() / 2; ++i) {
      cofactors[i] = Mux(arguments[at], cofactors[2 * i + 1], cofactors[2 * i]);
    }
    cofactors.resize(cofactors.size() / 2);
  }
  return cofactors[0];
}

std::string Aig::Aiger() const {
  std::string bytes = fmt::format("aig {} {} 0 {} {}\n", inputs_ + gates_.size(), inputs_,
                                  outputs_.size(), gates_.size());
  for (const Literal output : outputs_) bytes += fmt::format("{}\n", output);
  Literal gate = 2 * (inputs_ + 1);
  for (const auto& [a, b] : gates_) {
    AppendVarint(bytes, gate - a);
    AppendVarint(bytes, a - b);
    gate += 2;
  }
  return bytes;
}

std::string ReorderInputs(const std::string& aiger, const std::vector<size_t>& order) {
  std::istringstream file(aiger);
  std::string line, kind;
  std::getline(file, line);
  size_t variables = 0, inputs = 0, latches = 0, outputs = 0, gates = 0;
  if (!(std::istringstream(line) >> kind >> variables >> inputs >> latches >> outputs >> gates) ||
      kind != "aig" || inputs != order.size()) {
    throw Error("an AIGER file of {} inputs begins with \"{}\"", order.size(), line);
  }
  std::vector<Aig::Literal> place(inputs);  // Of the old inputs' variables.
  for (size_t i = 0; i < inputs; ++i) place.at(order[i]) = static_cast<Aig::Literal>(i + 1);
  const auto moved = [&](Aig::Literal literal) {
    const Aig::Literal variable = literal / 2;
    return variable == 0 || variable > inputs ? literal : 2 * place[variable - 1] + literal % 2;
  };

  std::string result = line + "\n";
  for (size_t i = 0; i < latches + outputs; ++i) {
    std::getline(file, line);
    std::istringstream words(line);
    Aig::Literal literal = 0;
    std::string rest;
    words >> literal;
    std::getline(words, rest);  // A latch's first value.
    result += fmt::format("{}{}\n", moved(literal), rest);
  }
  size_t at = static_cast<size_t>(file.tellg());
  for (size_t i = 0; i < gates; ++i) {
    const auto gate = static_cast<Aig::Literal>(2 * (inputs + latches + i + 1));
    const Aig::Literal first = gate - TakeVarint(aiger, at);
    const Aig::Literal second = first - TakeVarint(aiger, at);
    const auto [low, high] = std::minmax({moved(first), moved(second)});
    AppendVarint(result, gate - high);
    AppendVarint(result, high - low);
  }
  return result;
}

}  // namespace mulberry
