// Published error figures of the library's multipliers, each with where it was published.
// docs/multipliers.md shows the same table beside our figures; multipliers_doc_test.cc computes
// those. Test data.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "mulberry/multipliers/multiplier.h"

namespace mulberry {

/// In per cent, but for MED, MSE and WCE that say nothing else.
enum class Quantity {
  kMred,
  kMredOfAll,
  kBias,
  kBiasOfAll,
  kDeviation,
  kPeak,
  kAccuracy,
  kMed,
  kMedPercent,
  kNmed,
  kMse,
  kWce,
  kWcePercent,
  kEp,
  kWithin2Percent,
  kErrorOfProduct,     ///< Of one product.
  kAccuracyOfProduct,  ///< 100 less that.
  kAdderEp,            ///< Of the inexact adder in alm_soa and alm_loa (FiguresOfAdder).
  kAdderMed,
  kAdderWce,
};

/// How a published number stands for the true one.
enum class Printed {
  kRounded,   ///< To its last digit.
  kNearLast,  ///< Off by at most one of its last digit: rounded or cut off.
  kAtMost,    ///< A bound.
  kExact,     ///< All of it, from a closed form.
};

struct PublishedFigure {
  Multiplier multiplier;
  int bits;
  Quantity quantity;
  std::string_view published;
  Printed printed;
  std::string_view source;
  /// The paragraph of the page that explains it; every figure that disagrees has one.
  std::string_view note = "";
  bool agrees = true;
  std::pair<uint64_t, uint64_t> operands = {};  ///< Of a figure of one product.
};

inline std::vector<PublishedFigure> PublishedFigures() {
  using enum Quantity;
  using enum Printed;
  // † Read in public notes on the paper, not in the paper.
  constexpr std::string_view kShanmugapriya = "Shanmugapriya 2019", kMitchell = "Mitchell 1962 †",
                             kYin = "Yin 2021, p. 9 †", kAlm = "Liu 2018, pp. 6-7 †",
                             kLoa = "Liu 2018, p. 3 †", kSoa = "Liu 2018, p. 4 †",
                             kMbm = "Saadat 2018, Table I †", kRealm = "Saadat 2020, abstract",
                             kDrum = "Hashemi 2015, Tables I, II †",
                             kSsm = "Narayanamoorthy 2015, p. 3 †",
                             kTosam = "Vahdat 2019, abstract",
                             kTosamExample = "Vahdat 2019, p. 4 †",
                             kRoba = "Zendegani 2017, pp. 3-5 †",
                             kEvo = "EvoApproxLib, mul12u_35V.c", kBam = "Mahdiani 2010, p. 854 †",
                             kKulkarni = "Kulkarni 2011, Table I †", kEtm = "Kyaw 2010, Table I †",
                             kDate = "Liu 2014, Table II †", kForm = "closed form";
  const Multiplier mitchell{"mitchell", {}, {}}, mbm{"mbm", {0}, {}}, mbm8{"mbm", {8}, {}},
      realm16{"realm", {16, 0}, {}}, realm4_9{"realm", {4, 9}, {}}, roba{"roba", {}, {}},
      bam22{"bam", {22, 0}, {}}, kulkarni{"kulkarni", {}, {}}, soa11{"alm_soa", {11}, {}},
      soa3{"alm_soa", {3}, {}}, loa3{"alm_loa", {3}, {}}, etm{"etm", {}, {}},
      drop3{"low_drop", {3, 3}, {}}, truncated8{"truncated", {8}, {}};
  const auto drum = [](int k) { return Multiplier{"drum", {k}, {}}; };
  const auto tosam = [](int t, int h) { return Multiplier{"tosam", {t, h}, {}}; };
  const auto etm_product = [&](uint64_t a, uint64_t b, std::string_view accuracy) {
    return PublishedFigure{etm, 12, kAccuracyOfProduct, accuracy, kRounded, kEtm, "", true, {a, b}};
  };
  PublishedFigure etm_cut_off = etm_product(0xE01, 0xA1C, "98");
  etm_cut_off.note = "k";
  etm_cut_off.agrees = false;
  return {
      {mitchell, 8, kMredOfAll, "3.76", kRounded, kShanmugapriya},
      {mitchell, 8, kPeak, "11.1", kRounded, kMitchell},
      {mitchell, 16, kMred, "3.85", kRounded, kYin},
      {mitchell, 16, kNmed, "0.926", kRounded, kYin},
      {mitchell, 16, kNmed, "0.9256", kRounded, kAlm, "i"},
      {mitchell, 16, kWce, "268.44e6", kRounded, kYin},
      {mitchell, 16, kPeak, "11.111", kRounded, kYin},
      {mbm, 8, kMredOfAll, "2.69", kRounded, kMbm},
      {mbm, 8, kBiasOfAll, "0.05", kRounded, kMbm},
      {mbm, 8, kPeak, "7.81", kRounded, kMbm, "a", false},
      {mbm, 16, kMred, "2.58", kRounded, kMbm},
      {mbm, 16, kBias, "-0.09", kRounded, kMbm},
      {mbm, 16, kPeak, "7.81", kRounded, kMbm},
      {mbm8, 16, kMred, "2.60", kRounded, kMbm},
      {mbm8, 16, kBias, "-0.08", kRounded, kMbm},
      {mbm8, 16, kPeak, "9.36", kRounded, kMbm, "b", false},
      {realm16, 16, kMred, "0.4", kRounded, kRealm},
      {realm16, 16, kPeak, "2.08", kRounded, kRealm, "b", false},
      {realm16, 16, kBias, "0.05", kAtMost, kRealm},
      {{"realm", {8, 0}, {}}, 16, kBias, "0.05", kAtMost, kRealm},
      {{"realm", {4, 0}, {}}, 16, kBias, "0.05", kAtMost, kRealm},
      {realm4_9, 16, kMred, "1.6", kRounded, kRealm},
      {realm4_9, 16, kPeak, "7.4", kRounded, kRealm},
      {soa11, 16, kMred, "3.33", kRounded, kAlm, "i", false},
      {soa11, 16, kNmed, "0.8055", kRounded, kAlm, "i", false},
      {soa11, 16, kWithin2Percent, "41.92", kRounded, kAlm, "i", false},
      {soa11, 16, kEp, "99.97", kRounded, kAlm, "i", false},
      {soa11, 16, kWce, "318.65e6", kRounded, kAlm, "i", false},
      {soa3, 8, kAdderEp, "87.5", kExact, kSoa, "j"},
      {soa3, 8, kAdderMed, "2.625", kExact, kSoa, "j"},
      {soa3, 8, kAdderWce, "4", kExact, kSoa, "j", false},
      {loa3, 8, kAdderEp, "57.8125", kExact, kLoa, "j"},
      {loa3, 8, kAdderMed, "1.375", kExact, kLoa, "j"},
      {loa3, 8, kAdderWce, "4", kExact, kLoa, "j"},
      {drum(3), 16, kMred, "11.90", kRounded, kDrum},
      {drum(3), 16, kBias, "2.08", kRounded, kDrum},
      {drum(3), 16, kDeviation, "14.75", kRounded, kDrum},
      {drum(3), 16, kPeak, "56.25", kRounded, kDrum},
      {drum(4), 16, kMred, "5.89", kRounded, kDrum},
      {drum(4), 16, kBias, "0.53", kRounded, kDrum},
      {drum(4), 16, kDeviation, "7.26", kRounded, kDrum},
      {drum(4), 16, kPeak, "26.56", kRounded, kDrum},
      {drum(5), 16, kMred, "2.94", kRounded, kDrum},
      {drum(5), 16, kBias, "-0.14", kRounded, kDrum, "c", false},
      {drum(5), 16, kDeviation, "3.61", kRounded, kDrum},
      {drum(5), 16, kPeak, "12.86", kRounded, kDrum, "b", false},
      {drum(6), 16, kMred, "1.47", kRounded, kDrum},
      {drum(6), 16, kBias, "-0.04", kRounded, kDrum, "c", false},
      {drum(6), 16, kDeviation, "1.80", kRounded, kDrum},
      {drum(6), 16, kPeak, "6.31", kRounded, kDrum, "b", false},
      {drum(7), 16, kMred, "0.73", kRounded, kDrum},
      {drum(7), 16, kBias, "0.01", kRounded, kDrum, "c", false},
      {drum(7), 16, kDeviation, "0.90", kRounded, kDrum},
      {drum(7), 16, kPeak, "3.1", kRounded, kDrum},
      {drum(8), 16, kMred, "0.37", kRounded, kDrum},
      {drum(8), 16, kBias, "0.01", kRounded, kDrum},
      {drum(8), 16, kDeviation, "0.45", kRounded, kDrum},
      {drum(8), 16, kPeak, "1.54", kRounded, kDrum, "b", false},
      {{"ssm", {8}, {}}, 16, kAccuracy, "98.0", kRounded, kSsm, "d", false},
      {{"ssm", {10}, {}}, 16, kAccuracy, "99.6", kRounded, kSsm},
      {{"essm", {8}, {}}, 16, kAccuracy, "99.0", kRounded, kSsm, "d", false},
      {tosam(3, 7), 16, kErrorOfProduct, "0.99", kRounded, kTosamExample, "", true, {11761, 2482}},
      {tosam(0, 2), 16, kMred, "11", kRounded, kTosam},
      {tosam(5, 9), 16, kMred, "0.3", kRounded, kTosam},
      {roba, 8, kPeak, "11.11", kRounded, kRoba},
      {bam22, 12, kMed, "3143680", kRounded, kEvo},
      {bam22, 12, kMedPercent, "18.74", kRounded, kEvo},
      {bam22, 12, kWce, "12574721", kExact, kEvo},
      {bam22, 12, kWcePercent, "74.95", kRounded, kEvo},
      {bam22, 12, kMred, "87.98", kRounded, kEvo},
      {bam22, 12, kEp, "99.95", kRounded, kEvo},
      {bam22, 12, kPeak, "100.00", kRounded, kEvo},
      {bam22, 12, kMse, "15865.376e9", kRounded, kEvo},
      {{"bam", {0, 1}, {}}, 12, kMred, "1", kAtMost, kBam, "e"},
      {{"bam", {0, 2}, {}}, 12, kMred, "1", kAtMost, kBam, "e"},
      {{"bam", {0, 2}, {}}, 8, kMred, "1", kAtMost, kBam, "e", false},
      {truncated8, 8, kMed, "448.25", kExact, kForm, "f"},
      {truncated8, 8, kWce, "1793", kExact, kForm, "f"},
      {kulkarni, 2, kEp, "6.25", kNearLast, kKulkarni, "g"},
      {kulkarni, 2, kMredOfAll, "1.39", kNearLast, kKulkarni, "g"},
      {kulkarni, 2, kPeak, "22.22", kNearLast, kKulkarni, "g"},
      {kulkarni, 4, kEp, "19", kNearLast, kKulkarni, "g"},
      {kulkarni, 4, kMredOfAll, "2.60", kNearLast, kKulkarni, "g"},
      {kulkarni, 8, kEp, "46", kNearLast, kKulkarni, "g"},
      {kulkarni, 8, kMredOfAll, "3.25", kNearLast, kKulkarni, "g"},
      {kulkarni, 8, kPeak, "22.22", kNearLast, kKulkarni, "g"},
      {kulkarni, 12, kEp, "67.5", kNearLast, kKulkarni, "g"},
      {kulkarni, 12, kMredOfAll, "3.31", kNearLast, kKulkarni, "g"},
      {kulkarni, 16, kEp, "81", kNearLast, kKulkarni, "g"},
      {kulkarni, 16, kMredOfAll, "3.32", kNearLast, kKulkarni, "g"},
      {kulkarni, 16, kAccuracy, "96.7", kRounded, kSsm},
      {kulkarni, 8, kEp, "46.73", kRounded, kDate},
      {kulkarni, 8, kMredOfAll, "3.25", kRounded, kDate},
      {kulkarni, 8, kNmed, "1.39", kRounded, kDate},
      etm_cut_off,
      etm_product(0x8F1, 0x6A8, "96"),
      etm_product(0x00A, 0x006, "100"),
      etm_product(0xFF0, 0x10A, "95"),
      etm_product(0x888, 0x111, "94"),
      {etm, 8, kEp, "98.88", kRounded, kDate, "l", false},
      {etm, 8, kMredOfAll, "25.21", kRounded, kDate, "l", false},
      {etm, 8, kNmed, "2.85", kRounded, kDate, "l", false},
      {drop3, 8, kMed, "12.25", kExact, kForm, "h"},
      {drop3, 8, kMse, "306.25", kExact, kForm, "h"},
      {drop3, 8, kWce, "49", kExact, kForm, "h"},
      {drop3, 8, kEp, "76.5625", kExact, kForm, "h"},
  };
}

}  // namespace mulberry
