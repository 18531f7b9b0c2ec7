#include "mulberry/hardware/cell_search.h"

#include <utility>

namespace mulberry {
namespace {

/// Whether the cell is combinational, with so many inputs and outputs, all with functions.
bool HasShape(const LibraryCell& cell, size_t inputs, size_t outputs) {
  if (cell.dont_use || cell.flip_flop || cell.is_latch) return false;
  if (cell.Inputs().size() != inputs || cell.Outputs().size() != outputs) return false;
  for (const int pin : cell.Outputs()) {
    const LibraryPin& output = cell.pins[static_cast<size_t>(pin)];
    if (!output.function || output.is_three_state) return false;
  }
  return true;
}

uint64_t Table(const LibraryCell& cell, int output) {
  return cell.pins[static_cast<size_t>(output)].function->TruthTable(
      cell.Inputs(), static_cast<int>(cell.pins.size()) + 2);
}

std::optional<AdderCell> FindAdder(const Library& library, size_t inputs, uint64_t sum,
                                   uint64_t carry) {
  std::optional<AdderCell> best;
  for (size_t i = 0; i < library.cells.size(); ++i) {
    const LibraryCell& cell = library.cells[i];
    if (!HasShape(cell, inputs, 2)) continue;
    if (best && library.cells[static_cast<size_t>(best->cell)].area <= cell.area) continue;
    int sum_pin = cell.Outputs()[0], carry_pin = cell.Outputs()[1];
    if (Table(cell, sum_pin) != sum) std::swap(sum_pin, carry_pin);
    if (Table(cell, sum_pin) != sum || Table(cell, carry_pin) != carry) continue;
    best = AdderCell{static_cast<int>(i),
                     {},
                     cell.pins[static_cast<size_t>(sum_pin)].name,
                     cell.pins[static_cast<size_t>(carry_pin)].name};
    for (const int pin : cell.Inputs()) {
      best->inputs.push_back(cell.pins[static_cast<size_t>(pin)].name);
    }
  }
  return best;
}

}  // namespace

std::optional<AdderCell> FindFullAdder(const Library& library) {
  return FindAdder(library, 3, 0b10010110, 0b11101000);
}

std::optional<AdderCell> FindHalfAdder(const Library& library) {
  return FindAdder(library, 2, 0b0110, 0b1000);
}

std::optional<int> FindGate(const Library& library, int inputs, uint64_t table) {
  std::optional<int> best;
  for (size_t i = 0; i < library.cells.size(); ++i) {
    const LibraryCell& cell = library.cells[i];
    if (!HasShape(cell, static_cast<size_t>(inputs), 1) ||
        Table(cell, cell.Outputs()[0]) != table) {
      continue;
    }
    if (!best || cell.area < library.cells[static_cast<size_t>(*best)].area) {
      best = static_cast<int>(i);
    }
  }
  return best;
}

}  // namespace mulberry
