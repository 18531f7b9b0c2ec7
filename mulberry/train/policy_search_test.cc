// The search on models of accuracy whose best assignment is known: by trying all.
#include "mulberry/train/policy_search.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "mulberry/base/error.h"
#include "mulberry/base/random.h"
#include "mulberry/base/test_folder.h"
#include "mulberry/train/evaluation_log.h"

namespace mulberry {
namespace {

// Every layer loses something of its own on each choice; with `interaction` also each pair of
// neighbours that are both approximate.
struct Model {
  std::vector<SearchLayer> layers;
  std::vector<SearchChoice> choices;
  std::vector<std::vector<double>> losses;
  double interaction = 0;

  Model(size_t layer_count, size_t choice_count, uint64_t seed) {
    const RandomStream random{seed};
    uint64_t i = 0;
    const auto uniform = [&] { return random.At(i++) / 4294967296.0; };
    for (size_t c = 0; c < choice_count; ++c) {
      choices.push_back({fmt::format("choice{}", c), std::pow(0.6, static_cast<double>(c))});
    }
    for (size_t l = 0; l < layer_count; ++l) {
      layers.push_back({fmt::format("layer{}", l), 1 + static_cast<int64_t>(1000 * uniform())});
      losses.emplace_back(1, 0.0);
      for (size_t c = 1; c < choice_count; ++c) {
        // Sometimes less than nothing, as of a real network.
        losses.back().push_back(losses.back().back() + 0.6 * uniform() - 0.05);
      }
    }
  }

  double Accuracy(const Assignment& assignment) const {
    double accuracy = 99;
    for (size_t l = 0; l < layers.size(); ++l) {
      accuracy -= losses[l][assignment[l]];
      if (l > 0 && assignment[l] > 0 && assignment[l - 1] > 0) accuracy -= interaction;
    }
    return accuracy;
  }

  double Energy(const Assignment& assignment) const {
    double energy = 0, exact = 0;
    for (size_t l = 0; l < layers.size(); ++l) {
      energy += static_cast<double>(layers[l].macs) * choices[assignment[l]].energy;
      exact += static_cast<double>(layers[l].macs) * choices[0].energy;
    }
    return energy / exact;
  }

  double LeastEnergy(double least_accuracy_pct) const {
    double least = 1;
    Assignment assignment(layers.size(), 0);
    for (size_t l = 0; l < layers.size();) {
      if (Accuracy(assignment) >= least_accuracy_pct) {
        least = std::min(least, Energy(assignment));
      }
      // The next one, as numbers are counted.
      for (l = 0; l < layers.size() && ++assignment[l] == choices.size(); ++l) assignment[l] = 0;
    }
    return least;
  }

  PolicySearch Search(const PolicySearchOptions& options) const {
    return SearchPolicy(layers, choices, options,
                        [&](const Assignment& a) { return std::optional(Accuracy(a)); });
  }
};

// All of a result, to compare.
std::string Text(const PolicySearch& search) {
  std::string text =
      fmt::format("{} {} {}\n", search.stopped, search.out_of_evaluations, search.reachable);
  const auto add = [&](const SearchPoint& point) {
    text += fmt::format("{} {} {}\n", point.assignment, point.accuracy_pct, point.energy);
  };
  for (const SearchPoint& point : search.points) add(point);
  for (const SearchPoint& point : search.uniforms) add(point);
  for (const Sensitivity& s : search.sensitivities) {
    text += fmt::format("{} {} {}\n", s.layer, s.choice, s.accuracy_pct);
  }
  add(search.greedy);
  add(search.best);
  return text;
}

// What is so of every search that came to its end; the result is how much energy more than the
// least it found, as a factor.
double CheckSearch(const Model& model, double least_accuracy_pct) {
  const PolicySearch search = model.Search({least_accuracy_pct});
  EXPECT_FALSE(search.stopped || search.out_of_evaluations);
  EXPECT_TRUE(search.reachable);
  EXPECT_GE(search.best.accuracy_pct, least_accuracy_pct);
  EXPECT_GE(search.greedy.accuracy_pct, least_accuracy_pct);
  EXPECT_LE(search.best.energy, search.greedy.energy);
  EXPECT_EQ(search.uniforms.size(), model.choices.size());
  EXPECT_EQ(search.sensitivities.size(), model.layers.size() * (model.choices.size() - 1));
  std::set<Assignment> assignments;
  for (const SearchPoint& point : search.points) {
    EXPECT_TRUE(assignments.insert(point.assignment).second) << "evaluated twice";
    EXPECT_EQ(point.accuracy_pct, model.Accuracy(point.assignment));
    EXPECT_DOUBLE_EQ(point.energy, model.Energy(point.assignment));
    if (point.accuracy_pct >= least_accuracy_pct) {
      EXPECT_LE(search.best.energy, point.energy);
    }
  }
  return search.best.energy / model.LeastEnergy(least_accuracy_pct) - 1;
}

TEST(PolicySearch, FindsNearlyTheLeastEnergy) {
  constexpr int kSeeds = 40;
  for (const double least_accuracy_pct : {98.8, 98.5, 98.0}) {
    double sum = 0;
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
      SCOPED_TRACE(fmt::format("seed {}, {}%", seed, least_accuracy_pct));
      const double excess = CheckSearch(Model(6, 3, seed), least_accuracy_pct);
      EXPECT_LE(excess, 0.1);
      sum += excess;
    }
    EXPECT_LE(sum / kSeeds, 0.01);
  }
}

TEST(PolicySearch, KeepsTheAccuracyWhereLossesDoNotAddUp) {
  for (const double interaction : {-0.05, 0.05, 0.2}) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      SCOPED_TRACE(fmt::format("seed {}, interaction {}", seed, interaction));
      Model model(6, 3, seed);
      model.interaction = interaction;
      EXPECT_LE(CheckSearch(model, 98.5), 0.2);
    }
  }
}

TEST(PolicySearch, TakesAUniformAssignmentThatTheGreedyDescentMisses) {
  Model model(4, 2, 1);
  // Any approximate layers lose much, but all of them together nothing.
  const auto accuracy = [](const Assignment& a) {
    const auto approximate = std::ranges::count(a, 1u);
    return std::optional(approximate % 4 == 0 ? 99.0 : 90.0);
  };
  const PolicySearch search = SearchPolicy(model.layers, model.choices, {98}, accuracy);
  EXPECT_EQ(search.greedy.assignment, (Assignment{0, 0, 0, 0}));
  EXPECT_EQ(search.best.assignment, (Assignment{1, 1, 1, 1}));
}

TEST(PolicySearch, TradesOneLayerForAnother) {
  Model model(3, 2, 1);
  model.layers = {{"small", 30}, {"middle", 31}, {"large", 60}};
  // The layer of the best ratio leaves no room for the largest; without it there is.
  model.losses = {{0, 0.2}, {0, 2}, {0, 0.9}};
  const PolicySearch search = model.Search({98});
  EXPECT_EQ(search.greedy.assignment, (Assignment{1, 0, 0}));
  EXPECT_EQ(search.best.assignment, (Assignment{0, 0, 1}));
  EXPECT_DOUBLE_EQ(search.best.energy, (30 + 31 + 60 * 0.6) / 121);
}

TEST(PolicySearch, TakesTheCheapestIfNothingIsLost) {
  Model model(4, 3, 1);
  for (auto& losses : model.losses) losses = {0, 0, 0};
  const PolicySearch search = model.Search({99});
  EXPECT_EQ(search.best.assignment, (Assignment{2, 2, 2, 2}));
  EXPECT_EQ(search.greedy.assignment, search.best.assignment);
  EXPECT_DOUBLE_EQ(search.best.energy, 0.36);
}

TEST(PolicySearch, SaysWhereNotEvenExactIsAccurateEnough) {
  const PolicySearch search = Model(6, 3, 1).Search({99.5});
  EXPECT_FALSE(search.reachable);
  EXPECT_EQ(search.points.size(), 1u);
  EXPECT_EQ(search.best.assignment, Assignment(6, 0));
  EXPECT_EQ(search.best.accuracy_pct, 99);
  EXPECT_EQ(search.best.energy, 1);
}

TEST(PolicySearch, EvaluatesASingleLayerOnceAChoice) {
  const PolicySearch search = Model(1, 4, 1).Search({98});
  EXPECT_EQ(search.points.size(), 4u);
  EXPECT_EQ(search.uniforms.size(), 4u);
  EXPECT_EQ(search.sensitivities.size(), 3u);
}

TEST(PolicySearch, MakesNoMoreEvaluationsThanItMay) {
  const Model model(6, 3, 2);
  const auto all = model.Search({98.5});
  double energy = 1;
  for (int64_t most = 1; most <= std::ssize(all.points); ++most) {
    const PolicySearch search = model.Search({98.5, most});
    EXPECT_EQ(std::ssize(search.points), most);
    EXPECT_EQ(search.out_of_evaluations, most < std::ssize(all.points));
    EXPECT_GE(search.best.accuracy_pct, 98.5);
    EXPECT_LE(search.best.energy, energy);
    energy = search.best.energy;
  }
  EXPECT_EQ(energy, all.best.energy);
}

// Asks only for what is not in the log, and puts there what it is told.
EvaluateAssignment Logged(const std::vector<SearchLayer>& layers,
                          const std::vector<SearchChoice>& choices, EvaluationLog& log,
                          EvaluateAssignment evaluate) {
  return [layers, choices, &log, evaluate = std::move(evaluate)](const Assignment& assignment) {
    EvaluationLog::Arithmetics arithmetics;
    for (size_t i = 0; i < layers.size(); ++i) {
      arithmetics[layers[i].name] = choices[assignment[i]].arithmetic;
    }
    std::optional<double> accuracy = log.Find(arithmetics);
    if (accuracy) return accuracy;
    accuracy = evaluate(assignment);
    if (accuracy) log.Append(arithmetics, *accuracy);
    return accuracy;
  };
}

TEST(PolicySearch, GoesOnWhereItStopped) {
  const TestFolder folder;
  const Model model(5, 3, 3);
  const PolicySearch whole = model.Search({98.5});
  ASSERT_GT(whole.points.size(), 20u);
  for (size_t a_run = 1; a_run <= whole.points.size(); a_run += 6) {
    const std::string path = folder.path() / fmt::format("{}.jsonl", a_run);
    size_t evaluations = 0, runs = 0;
    PolicySearch search;
    do {
      ASSERT_LE(++runs, whole.points.size() / a_run + 1);
      EvaluationLog log(path, "model", Existing::kResume);
      size_t left = a_run;
      const auto evaluate = [&](const Assignment& assignment) -> std::optional<double> {
        if (left-- == 0) return std::nullopt;
        ++evaluations;
        return model.Accuracy(assignment);
      };
      search = SearchPolicy(model.layers, model.choices, {98.5},
                            Logged(model.layers, model.choices, log, evaluate));
      // A kill in mid-write.
      if (search.stopped) AppendFile(path, ReadFile(path).size()).Append("{\"arithmetic\":{");
    } while (search.stopped);
    EXPECT_EQ(evaluations, whole.points.size());
    EXPECT_EQ(Text(search), Text(whole));
  }
}

TEST(PolicySearch, KeepsWhatItHadWhereItStops) {
  const Model model(6, 3, 1);
  const auto nothing = [](const Assignment&) { return std::optional<double>(); };
  PolicySearch search = SearchPolicy(model.layers, model.choices, {98.5}, nothing);
  EXPECT_TRUE(search.stopped);
  EXPECT_TRUE(search.points.empty());
  int left = 5;
  search = SearchPolicy(model.layers, model.choices, {98.5}, [&](const Assignment& assignment) {
    return left-- > 0 ? std::optional(model.Accuracy(assignment)) : std::nullopt;
  });
  EXPECT_TRUE(search.stopped);
  EXPECT_EQ(search.points.size(), 5u);
  EXPECT_EQ(search.uniforms.size(), 3u);
  EXPECT_EQ(search.sensitivities.size(), 2u);
  EXPECT_GE(search.best.accuracy_pct, 98.5);
}

TEST(PolicySearch, RefusesWhatIsNoSearch) {
  const auto message = [](const std::vector<SearchLayer>& layers,
                          const std::vector<SearchChoice>& choices) -> std::string {
    try {
      SearchPolicy(layers, choices, {}, [](const Assignment&) { return std::optional(99.0); });
    } catch (const UsageError& e) {
      return e.what();
    }
    return "";
  };
  const std::vector<SearchLayer> layers = {{"fc1", 1}};
  const std::vector<SearchChoice> choices = {{"fp32", 1}, {"mitchell@bf16", 0}};
  EXPECT_EQ(message(layers, choices), "");
  EXPECT_EQ(message({}, choices), "there is no layer to search an arithmetic for");
  EXPECT_EQ(message(layers, {}), "there is no arithmetic to choose");
  EXPECT_EQ(message({{"fc1", 1}, {"fc1", 2}}, choices), "layer fc1: is given twice");
  EXPECT_EQ(message({{"fc1", 0}}, choices),
            "layer fc1: has 0 multiply-accumulates, and must have 1 or more");
  EXPECT_EQ(message(layers, {{"fp32", 1}, {"fp32", 2}}), "arithmetic fp32: is given twice");
  EXPECT_EQ(message(layers, {{"fp32", 0}}),
            "arithmetic fp32: its energy is 0, and must be above 0");
  EXPECT_EQ(message(layers, {{"fp32", 1}, {"bf16", -1}}),
            "arithmetic bf16: its energy is -1, and must be 0 or more");
  EXPECT_EQ(message(layers, {{"fp32", 1}, {"bf16", NAN}}),
            "arithmetic bf16: its energy is nan, and must be 0 or more");
}

}  // namespace
}  // namespace mulberry
