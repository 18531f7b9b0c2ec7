// When a hybrid run switches, and to what.
#include "mulberry/train/hybrid.h"

#include <gtest/gtest.h>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

Config ConfigWith(const std::vector<std::string>& schedule) {
  Config config;
  config.arithmetic = {"mitchell@bf16"};
  config.schedule = schedule;
  return config;
}

/// What runs the forward product of `layer` in each of five epochs.
std::vector<std::string> Forward(const Config& config, const std::string& layer,
                                 const std::vector<double>& losses = {9, 7, 5, 4.97, 4.96}) {
  std::vector<std::string> arithmetics;
  for (int64_t epoch = 0; epoch < 5; ++epoch) {
    const std::vector<double> before(losses.begin(), losses.begin() + epoch);
    const Policy policy = PolicyOf(config, epoch, 5, before);
    arithmetics.push_back(Print(*policy.Find(layer, Pass::kForward)));
  }
  return arithmetics;
}

using Names = std::vector<std::string>;
const std::string kMitchell = "mitchell@bf16";

TEST(Hybrid, SwitchesAtTheEpoch) {
  EXPECT_EQ(Forward(ConfigWith({"hybrid(switch=3)"}), "fc1"),
            (Names{kMitchell, kMitchell, kMitchell, "fp32", "fp32"}));
  EXPECT_EQ(Forward(ConfigWith({"hybrid(exact-epochs=1)"}), "fc1"),
            (Names{kMitchell, kMitchell, kMitchell, kMitchell, "fp32"}));
  EXPECT_EQ(Forward(ConfigWith({"hybrid(exact-epochs=9)"}), "fc1"), Names(5, "fp32"));
  EXPECT_EQ(Forward(ConfigWith({}), "fc1"), Names(5, kMitchell));
}

TEST(Hybrid, SwitchesWhereTheLossNoLongerFalls) {
  const auto on = [](const char* entry) { return Forward(ConfigWith({entry}), "fc1"); };
  EXPECT_EQ(on("hybrid(on=plateau,patience=1)"),
            (Names{kMitchell, kMitchell, kMitchell, kMitchell, "fp32"}));
  EXPECT_EQ(on("hybrid(on=plateau)"), Names(5, kMitchell));
  EXPECT_EQ(ReachedPlateau({9, 7, 5, 4.97, 4.96}, 2), 5);
  EXPECT_EQ(ReachedPlateau({9, 7, 5, 4.97, 4.5}, 2), std::nullopt);
  EXPECT_EQ(ReachedPlateau({9, 7, 5, 4.97, 4.5, 6, 7}, 2), 7);
  EXPECT_EQ(ReachedPlateau({}, 1), std::nullopt);
}

TEST(Hybrid, EntriesSwitchTheirLayersToTheirArithmetic) {
  const Config config = ConfigWith({"hybrid(switch=2,layers=fc*,to=exact@bf16)",
                                    "hybrid(switch=4,layers=conv*,to=drum(k=6)@bf16 | "
                                    "exact@bf16)"});
  EXPECT_EQ(Forward(config, "fc1"),
            (Names{kMitchell, kMitchell, "exact@bf16", "exact@bf16", "exact@bf16"}));
  EXPECT_EQ(Forward(config, "conv1"),
            (Names{kMitchell, kMitchell, kMitchell, kMitchell, "drum(k=6)@bf16"}));
  const Policy last = PolicyOf(config, 4, 5, {1, 1, 1, 1});
  EXPECT_EQ(Print(*last.Find("conv1", Pass::kWeightGradient)), "exact@bf16");
}

TEST(Hybrid, SaysWhatIsWrong) {
  const auto message = [](const std::vector<std::string>& schedule) -> std::string {
    try {
      HybridOf(ConfigWith(schedule));
    } catch (const UsageError& e) {
      return e.what();
    }
    return "no UsageError";
  };
  EXPECT_EQ(message({"hybrid"}),
            "schedule: hybrid: it does not say when to switch; say one of switch=EPOCH, "
            "exact-epochs=N and on=plateau");
  EXPECT_EQ(message({"hybrid(switch=2,on=plateau)"}),
            "schedule: hybrid(switch=2,on=plateau): it says twice when to switch; say one of "
            "switch=EPOCH, exact-epochs=N and on=plateau");
  EXPECT_EQ(message({"hybrid(switch=2,patience=3)"}),
            "schedule: hybrid(switch=2,patience=3): patience is for on=plateau");
  EXPECT_EQ(message({"hybrid(switch=2)", "hybrid(switch=3)"}),
            "schedule: hybrid(switch=3): there is another hybrid of layers=*");
  EXPECT_NE(message({"hybrid(switch=2,to=mitchel@bf16)"}).find("mitchel"), std::string::npos);
}

}  // namespace
}  // namespace mulberry
