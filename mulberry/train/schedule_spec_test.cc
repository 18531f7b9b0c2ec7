// Entries of `schedule`: every parameter there and back, and what is said of wrong ones.
#include "mulberry/train/schedule_spec.h"

#include <gtest/gtest.h>

#include <iterator>

#include "mulberry/base/error.h"

namespace mulberry {
namespace {

std::string MessageOf(const std::string& text) {
  try {
    ParseSchedule(text);
  } catch (const UsageError& e) {
    return e.what();
  }
  return "no UsageError";
}

TEST(ScheduleSpec, HasTheDefaultsOfThePaper) {
  const ScheduleSpec dps = ParseSchedule("dps");
  EXPECT_EQ(dps.kind->name, "dps");
  EXPECT_EQ(dps.values, (std::vector<int64_t>{15, 16, 31, 31, 0, 20, 20, 100, 0}));
  EXPECT_EQ(Print(dps), "dps");
  EXPECT_EQ(ParseSchedule("dps()").values, dps.values);
  EXPECT_EQ(ParseSchedule("dps(target=15,round=half-up)").values, dps.values);
}

TEST(ScheduleSpec, TakesEveryParameter) {
  for (const ScheduleKind& kind : ScheduleKinds()) {
    for (const ScheduleParameter& parameter : kind.parameters) {
      const bool word = !parameter.choices.empty();
      const int64_t other = word ? std::ssize(parameter.choices) - 1 : parameter.minimum;
      const std::string text = parameter.is_text() ? "any(1,2)"
                               : word ? std::string(parameter.choices[static_cast<size_t>(other)])
                                      : std::to_string(other);
      const std::string entry =
          std::string(kind.name) + "(" + std::string(parameter.name) + "=" + text + ")";
      const ScheduleSpec spec = ParseSchedule(entry);
      if (parameter.is_text()) {
        EXPECT_EQ(spec.text_of(parameter.name), text) << entry;
      } else {
        EXPECT_EQ(spec.at(parameter.name), other) << entry;
      }
      EXPECT_TRUE(spec.given(parameter.name));
      EXPECT_EQ(Print(spec), entry);
    }
  }
}

TEST(ScheduleSpec, BlanksDoNotMatter) {
  EXPECT_EQ(Print(ParseSchedule(" dps ( target = 12 , start-il=-3 ) ")),
            "dps(target=12,start-il=-3)");
}

TEST(ScheduleSpec, SaysWhatIsWrong) {
  EXPECT_EQ(MessageOf("dsp"),
            "schedule: 'dsp': there is no schedule 'dsp'; did you mean 'dps'? The schedules are: "
            "dps, warmup, hybrid");
  EXPECT_EQ(MessageOf("dps(traget=12)"),
            "schedule: 'dps(traget=12)': dps has no parameter 'traget'; did you mean 'target'? It "
            "has: target, step, max, start, start-il, isearch, dsearch, loss, round");
  EXPECT_EQ(MessageOf("dps(target=32)"),
            "schedule: 'dps(target=32)': target is '32'; it must be a whole number from 1 to 31");
  EXPECT_EQ(MessageOf("dps(target=1.5)"),
            "schedule: 'dps(target=1.5)': target is '1.5'; it must be a whole number from 1 to 31");
  EXPECT_EQ(MessageOf("dps(target=)"),
            "schedule: 'dps(target=)': target is ''; it must be a whole number from 1 to 31");
  EXPECT_EQ(MessageOf("dps(round=up)"),
            "schedule: 'dps(round=up)': round is 'up'; it must be one of: half-up, stochastic");
  EXPECT_EQ(MessageOf("dps(12)"), "schedule: 'dps(12)': '12' is not of the form parameter=value");
  EXPECT_EQ(MessageOf("dps(target=12,target=13)"),
            "schedule: 'dps(target=12,target=13)': target is given twice");
  EXPECT_EQ(MessageOf("dps(target=12"),
            "schedule: 'dps(target=12': the parameters must end with ')'");
  EXPECT_EQ(MessageOf("dps(target=12,)"),
            "schedule: 'dps(target=12,)': nothing follows the last comma");
  EXPECT_EQ(MessageOf(""),
            "schedule: '': there is no schedule ''. The schedules are: dps, warmup, hybrid");
  EXPECT_EQ(MessageOf("hybrid(to=)"), "schedule: 'hybrid(to=)': the value of to is missing");
  EXPECT_THROW(ParseSchedules({"dps", "dps(target=12)"}), UsageError);
  EXPECT_THROW(ParseSchedules({"dps", "none"}), UsageError);
}

TEST(ScheduleSpec, FindsAScheduleByName) {
  const std::vector<ScheduleSpec> specs = ParseSchedules({"dps(target=12)"});
  ASSERT_NE(FindSchedule(specs, "dps"), nullptr);
  EXPECT_EQ(FindSchedule(specs, "dps")->at("target"), 12);
  EXPECT_EQ(FindSchedule(specs, "warmup"), nullptr);
  EXPECT_EQ(FindSchedule({}, "dps"), nullptr);
  EXPECT_TRUE(ParseSchedules({"none"}).empty());
}

}  // namespace
}  // namespace mulberry
