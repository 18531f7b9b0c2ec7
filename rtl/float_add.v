// c + p, rounded once to nearest even: c and the sum in float(8,M), p in FP32. Subnormals are numbers,
// as in IEEE 754; the NaN is the positive quiet one (mulberry/formats/accumulator.h, AddRounded). In
// two parts, between which a unit may have registers.

// The sum, not rounded: ±sum * 2^(exponent - 153), or what is special instead.
module float_add #(parameter M = 23) (
  input  [8+M:0] c,
  input  [31:0]  p,
  output         nan,
  output         infinite,
  output         negative,
  output [7:0]   exponent,
  output [27:0]  sum
);
  wire c_top = &c[7+M:M], p_top = &p[30:23];
  wire c_nan = c_top & (|c[M-1:0]), p_nan = p_top & (|p[22:0]);
  assign nan = c_nan | p_nan | (c_top & p_top & (c[8+M] ^ p[31]));
  assign infinite = c_top | p_top;

  wire c_normal = |c[7+M:M], p_normal = |p[30:23];
  wire [24:0] c_significand = {c_normal, c[M-1:0], {(24-M){1'b0}}};
  wire sum_negative;
  aligned_sum #(.X(8), .W(24), .L(5)) add (
    .a_negative(c[8+M]), .a_exponent({c[7+M:M+1], c[M] | ~c_normal}),
    .a(c_significand[24:1]),
    .b_negative(p[31]), .b_exponent({p[30:24], p[23] | ~p_normal}), .b({p_normal, p[22:0]}),
    .negative(sum_negative), .exponent(exponent), .sum(sum));
  assign negative = c_top ? c[8+M] : p_top ? p[31] : sum_negative;
endmodule

// What float_add gives, rounded into float(8,M).
module float_round #(parameter M = 23) (
  input          nan,
  input          infinite,
  input          negative,
  input  [7:0]   exponent,
  input  [27:0]  sum,
  output [8+M:0] y
);
  // Not shifted beyond the least exponent: what then has no leading one is subnormal. A one at the
  // place from which it would be shifted by the whole exponent ends the search for the leading one.
  wire [27:0] least = 28'h8000000 >> exponent;
  wire [4:0] count;
  leading_zeros #(.W(28), .L(5)) zeros (.value(sum | least), .count(count));
  wire [27:0] scaled = sum << count;
  wire [8:0] field = ({1'b0, exponent} + 9'd1 - {4'b0, count}) & {9{scaled[27]}};

  wire up = scaled[26-M] & ((|(scaled << (M + 2))) | scaled[27-M]);
  wire [8+M:0] rounded = {field, scaled[26:27-M]} + up;  // A carry goes on into the exponent.
  wire to_infinity = infinite | rounded[8+M] | (&rounded[7+M:M]);
  assign y = nan         ? {9'h0ff, 1'b1, {(M-1){1'b0}}}
           : to_infinity ? {negative, 8'hff, {M{1'b0}}}
           :               {negative, rounded[7+M:0]};
endmodule
