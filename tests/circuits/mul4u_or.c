// A 4 x 4 multiplier that ORs the partial products of its three lowest columns instead of adding
// them; the other columns are exact. In the manner of EvoApproxLib: one statement for each gate.
#include <stdint.h>
#include <stdlib.h>

uint64_t mul4u_or(const uint64_t A, const uint64_t B) {
  uint64_t sig_0 = ((A >> 0) & 1) & ((B >> 0) & 1);
  uint64_t sig_1 = ((A >> 0) & 1) & ((B >> 1) & 1);
  uint64_t sig_2 = ((A >> 0) & 1) & ((B >> 2) & 1);
  uint64_t sig_3 = ((A >> 0) & 1) & ((B >> 3) & 1);
  uint64_t sig_4 = ((A >> 1) & 1) & ((B >> 0) & 1);
  uint64_t sig_5 = ((A >> 1) & 1) & ((B >> 1) & 1);
  uint64_t sig_6 = ((A >> 1) & 1) & ((B >> 2) & 1);
  uint64_t sig_7 = ((A >> 1) & 1) & ((B >> 3) & 1);
  uint64_t sig_8 = ((A >> 2) & 1) & ((B >> 0) & 1);
  uint64_t sig_9 = ((A >> 2) & 1) & ((B >> 1) & 1);
  uint64_t sig_10 = ((A >> 2) & 1) & ((B >> 2) & 1);
  uint64_t sig_11 = ((A >> 2) & 1) & ((B >> 3) & 1);
  uint64_t sig_12 = ((A >> 3) & 1) & ((B >> 0) & 1);
  uint64_t sig_13 = ((A >> 3) & 1) & ((B >> 1) & 1);
  uint64_t sig_14 = ((A >> 3) & 1) & ((B >> 2) & 1);
  uint64_t sig_15 = ((A >> 3) & 1) & ((B >> 3) & 1);
  uint64_t sig_16 = sig_1 | sig_4;
  uint64_t sig_17 = sig_2 | sig_5;
  uint64_t sig_18 = sig_17 | sig_8;
  uint64_t sig_19 = sig_3 ^ sig_6;
  uint64_t sig_20 = sig_3 & sig_6;
  uint64_t sig_21 = sig_19 ^ sig_9;
  uint64_t sig_22 = sig_19 & sig_9;
  uint64_t sig_23 = sig_20 | sig_22;
  uint64_t sig_24 = sig_21 ^ sig_12;
  uint64_t sig_25 = sig_21 & sig_12;
  uint64_t sig_26 = sig_7 ^ sig_10;
  uint64_t sig_27 = sig_7 & sig_10;
  uint64_t sig_28 = sig_26 ^ sig_13;
  uint64_t sig_29 = sig_26 & sig_13;
  uint64_t sig_30 = sig_27 | sig_29;
  uint64_t sig_31 = sig_28 ^ sig_23;
  uint64_t sig_32 = sig_28 & sig_23;
  uint64_t sig_33 = sig_31 ^ sig_25;
  uint64_t sig_34 = sig_31 & sig_25;
  uint64_t sig_35 = sig_32 | sig_34;
  uint64_t sig_36 = sig_11 ^ sig_14;
  uint64_t sig_37 = sig_11 & sig_14;
  uint64_t sig_38 = sig_36 ^ sig_30;
  uint64_t sig_39 = sig_36 & sig_30;
  uint64_t sig_40 = sig_37 | sig_39;
  uint64_t sig_41 = sig_38 ^ sig_35;
  uint64_t sig_42 = sig_38 & sig_35;
  uint64_t sig_43 = sig_15 ^ sig_40;
  uint64_t sig_44 = sig_15 & sig_40;
  uint64_t sig_45 = sig_43 ^ sig_42;
  uint64_t sig_46 = sig_43 & sig_42;
  uint64_t sig_47 = sig_44 | sig_46;
  uint64_t O = 0;
  O |= sig_0 << 0;
  O |= sig_16 << 1;
  O |= sig_18 << 2;
  O |= sig_24 << 3;
  O |= sig_33 << 4;
  O |= sig_41 << 5;
  O |= sig_45 << 6;
  O |= sig_47 << 7;
  return O;
}
