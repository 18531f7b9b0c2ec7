// How a user says what changes while training runs: an entry of the configuration key `schedule`,
//
//   NAME or NAME(parameter=value, ...)        dps        dps(target=12, round=stochastic)
//
// and the schedules and parameters that there are. To add one: a row of the table in
// schedule_spec.cc. Not here: what they do (dynamic_precision.h, hybrid.h), and the schedule of the
// learning rate (learning_rate.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mulberry {

/// A parameter is a whole number, one of a few words, or any text.
struct ScheduleParameter {
  std::string_view name;
  std::string_view help;
  int64_t value = 0;    ///< Unless given; of a word its place in `choices`.
  int64_t minimum = 0;  ///< Range of a number, both ends included.
  int64_t maximum = 0;
  std::vector<std::string_view> choices = {};
  std::string_view text = {};  ///< Of a parameter that is a text: it, unless given.
  bool has_default = true;     ///< Else nothing unless given.

  bool is_text() const { return !text.empty(); }
};

struct ScheduleKind {
  std::string_view name;
  std::string_view help;
  std::vector<ScheduleParameter> parameters;
  bool may_repeat = false;  ///< A configuration may have several entries of it.
};

/// All schedules, in the order in which they are listed.
const std::vector<ScheduleKind>& ScheduleKinds();

/// A schedule with a value for each of its parameters.
struct ScheduleSpec {
  const ScheduleKind* kind = nullptr;
  std::vector<int64_t> values;           ///< In the order of kind->parameters.
  std::vector<std::string> texts;        ///< Likewise; empty but of texts.
  std::vector<std::string_view> chosen;  ///< The parameters that were given.

  /// The value of a parameter that the kind has.
  int64_t at(std::string_view parameter) const;
  const std::string& text_of(std::string_view parameter) const;
  bool given(std::string_view parameter) const;
};

/// Reads an entry; blanks do not matter. Throws UsageError that shows the entry and says what was
/// found, and what is accepted.
ScheduleSpec ParseSchedule(std::string_view text);

/// The canonical spelling, which leaves out what has its default: ParseSchedule's inverse.
std::string Print(const ScheduleSpec& spec);

/// The schedule of that name among a configuration's entries, or null.
const ScheduleSpec* FindSchedule(const std::vector<ScheduleSpec>& specs, std::string_view name);

/// All entries; the one entry "none" is no entry, so that a flag can say so. Throws UsageError as
/// ParseSchedule, and where a name comes twice that may not.
std::vector<ScheduleSpec> ParseSchedules(const std::vector<std::string>& entries);

}  // namespace mulberry
