#include "mulberry/train/policy_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

// A saving below this, relative to all-exact, is the rounding of a sum.
constexpr double kLeastSaving = 1e-12;

class Search {
 public:
  Search(const std::vector<SearchLayer>& layers, const std::vector<SearchChoice>& choices,
         const PolicySearchOptions& options, const EvaluateAssignment& evaluate)
      : layers_(layers),
        choices_(choices),
        options_(options),
        evaluate_(evaluate),
        losses_(layers.size(), std::vector<double>(choices.size(), 0.0)) {
    exact_energy_ = Energy(Uniform(0));
  }

  PolicySearch Run() {
    Exact() && Uniforms() && Sensitivities() && Greedy() && Refine();
    return std::move(result_);
  }

 private:
  // A point that may be worth its evaluation.
  struct Candidate {
    Assignment assignment;
    double energy = 0;
    double accuracy_pct = 0;  // By the sensitivities.
  };

  // Each step returns false where the search ends.
  bool Exact() {
    const auto exact = Evaluate(Uniform(0));
    if (!exact) return false;
    result_.reachable = Keeps(exact->accuracy_pct);
    result_.greedy = result_.best = *exact;
    result_.uniforms.push_back(*exact);
    return result_.reachable;
  }

  bool Uniforms() {
    for (size_t choice = 1; choice < choices_.size(); ++choice) {
      const auto point = Evaluate(Uniform(choice));
      if (!point) return false;
      result_.uniforms.push_back(*point);
    }
    return true;
  }

  bool Sensitivities() {
    const double exact = result_.uniforms[0].accuracy_pct;
    for (size_t layer = 0; layer < layers_.size(); ++layer) {
      for (size_t choice = 1; choice < choices_.size(); ++choice) {
        const auto point = Evaluate(With(Uniform(0), layer, choice));
        if (!point) return false;
        losses_[layer][choice] = exact - point->accuracy_pct;
        result_.sensitivities.push_back({layer, choice, point->accuracy_pct});
      }
    }
    return true;
  }

  // Of the moves not tried yet the one that saves most for what it loses, until none is left. What
  // loses too much once does so later, with more layers approximate: it is not tried again.
  bool Greedy() {
    std::set<std::pair<size_t, size_t>> tried;
    while (const auto move = BestMove(result_.greedy.assignment, tried)) {
      tried.insert(*move);
      const auto point = Evaluate(With(result_.greedy.assignment, move->first, move->second));
      if (!point) return false;
      if (Keeps(point->accuracy_pct)) result_.greedy = *point;
    }
    return true;
  }

  // Layer and choice.
  std::optional<std::pair<size_t, size_t>> BestMove(
      const Assignment& from, const std::set<std::pair<size_t, size_t>>& tried) const {
    std::optional<std::pair<size_t, size_t>> best;
    std::pair<double, double> most;  // Saved for what is lost, and saved.
    for (size_t layer = 0; layer < layers_.size(); ++layer) {
      for (size_t choice = 0; choice < choices_.size(); ++choice) {
        const double saved = Saving(layer, from[layer], choice);
        if (saved <= 0 || tried.contains({layer, choice})) continue;
        const double lost = losses_[layer][choice] - losses_[layer][from[layer]];
        const std::pair merit{lost > 0 ? saved / lost : std::numeric_limits<double>::infinity(),
                              saved};
        if (best && merit <= most) continue;
        best = {layer, choice};
        most = merit;
      }
    }
    return best;
  }

  // Evaluate moves the best point itself.
  bool Refine() {
    for (bool better = true; better;) {
      better = false;
      const SearchPoint from = result_.best;
      for (const Candidate& candidate : Candidates(from)) {
        if (!Evaluate(candidate.assignment)) return false;
        better = result_.best.energy < from.energy;
        if (better) break;
      }
    }
    return true;
  }

  // One layer on a cheaper choice, or besides that another on one that is not, with less energy in
  // all. First those that should keep the accuracy, by energy; then the others, the nearest first.
  std::vector<Candidate> Candidates(const SearchPoint& from) const {
    std::vector<Candidate> candidates;
    const auto add = [&](Candidate candidate, size_t layer, size_t choice) {
      const size_t old = candidate.assignment[layer];
      candidate.assignment[layer] = choice;
      candidate.energy -= Saving(layer, old, choice);
      candidate.accuracy_pct -= losses_[layer][choice] - losses_[layer][old];
      if (candidate.energy < from.energy - kLeastSaving && !Find(candidate.assignment)) {
        candidates.push_back(candidate);
      }
      return candidate;
    };
    for (size_t layer = 0; layer < layers_.size(); ++layer) {
      for (size_t choice = 0; choice < choices_.size(); ++choice) {
        if (Saving(layer, from.assignment[layer], choice) <= 0) continue;
        const Candidate one = add({from.assignment, from.energy, from.accuracy_pct}, layer, choice);
        for (size_t other = 0; other < layers_.size(); ++other) {
          for (size_t dearer = 0; dearer < choices_.size(); ++dearer) {
            const size_t old = from.assignment[other];
            if (other == layer || dearer == old || Saving(other, old, dearer) > 0) continue;
            add(one, other, dearer);
          }
        }
      }
    }
    std::ranges::stable_sort(candidates, {}, [&](const Candidate& c) {
      const bool keeps = Keeps(c.accuracy_pct);
      return std::tuple(!keeps, keeps ? 0 : -c.accuracy_pct, c.energy);
    });
    return candidates;
  }

  // None: the search ends.
  std::optional<SearchPoint> Evaluate(const Assignment& assignment) {
    if (const SearchPoint* known = Find(assignment)) return *known;
    result_.out_of_evaluations =
        options_.most_evaluations > 0 && std::ssize(result_.points) >= options_.most_evaluations;
    if (result_.out_of_evaluations) return std::nullopt;
    const std::optional<double> accuracy = evaluate_(assignment);
    result_.stopped = !accuracy;
    if (result_.stopped) return std::nullopt;
    const SearchPoint point{assignment, *accuracy, Energy(assignment) / exact_energy_};
    known_.emplace(assignment, result_.points.size());
    result_.points.push_back(point);
    if (Keeps(point.accuracy_pct) && IsBetter(point, result_.best)) result_.best = point;
    return point;
  }

  const SearchPoint* Find(const Assignment& assignment) const {
    const auto found = known_.find(assignment);
    return found == known_.end() ? nullptr : &result_.points[found->second];
  }

  static bool IsBetter(const SearchPoint& x, const SearchPoint& y) {
    return std::pair(x.energy, -x.accuracy_pct) < std::pair(y.energy, -y.accuracy_pct);
  }

  bool Keeps(double accuracy_pct) const { return accuracy_pct >= options_.least_accuracy_pct; }

  double Energy(const Assignment& assignment) const {
    double sum = 0;
    for (size_t layer = 0; layer < layers_.size(); ++layer) {
      sum += Energy(layer, assignment[layer]);
    }
    return sum;
  }
  double Energy(size_t layer, size_t choice) const {
    return static_cast<double>(layers_[layer].macs) * choices_[choice].energy;
  }
  // Of a layer's change, relative to all-exact.
  double Saving(size_t layer, size_t from, size_t to) const {
    return (Energy(layer, from) - Energy(layer, to)) / exact_energy_;
  }

  Assignment Uniform(size_t choice) const { return Assignment(layers_.size(), choice); }
  static Assignment With(Assignment assignment, size_t layer, size_t choice) {
    assignment[layer] = choice;
    return assignment;
  }

  const std::vector<SearchLayer>& layers_;
  const std::vector<SearchChoice>& choices_;
  const PolicySearchOptions& options_;
  const EvaluateAssignment& evaluate_;
  double exact_energy_ = 0;
  std::vector<std::vector<double>> losses_;  // By layer and choice, in points.
  std::map<Assignment, size_t> known_;       // Where it is in the points.
  PolicySearch result_;
};

void Check(const std::vector<SearchLayer>& layers, const std::vector<SearchChoice>& choices) {
  if (layers.empty()) throw UsageError("there is no layer to search an arithmetic for");
  if (choices.empty()) throw UsageError("there is no arithmetic to choose");
  std::set<std::string> names;
  for (const SearchLayer& layer : layers) {
    if (!names.insert(layer.name).second) throw UsageError("layer {}: is given twice", layer.name);
    if (layer.macs < 1) {
      throw UsageError("layer {}: has {} multiply-accumulates, and must have 1 or more", layer.name,
                       layer.macs);
    }
  }
  std::set<std::string> arithmetics;
  for (const SearchChoice& choice : choices) {
    if (!arithmetics.insert(choice.arithmetic).second) {
      throw UsageError("arithmetic {}: is given twice", choice.arithmetic);
    }
    const bool exact = &choice == &choices[0];
    if (!std::isfinite(choice.energy) || choice.energy < 0 || (exact && choice.energy == 0)) {
      throw UsageError("arithmetic {}: its energy is {}, and must be {}", choice.arithmetic,
                       choice.energy, exact ? "above 0" : "0 or more");
    }
  }
}

}  // namespace

PolicySearch SearchPolicy(const std::vector<SearchLayer>& layers,
                          const std::vector<SearchChoice>& choices,
                          const PolicySearchOptions& options, const EvaluateAssignment& evaluate) {
  Check(layers, choices);
  return Search(layers, choices, options, evaluate).Run();
}

}  // namespace mulberry
