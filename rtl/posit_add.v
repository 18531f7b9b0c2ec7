// c plus a product, both taken apart, as a posit: the sum is exact but for the sticky bit that
// aligned_sum.v keeps, and is rounded once. The accumulate and encode of the posit unit of Lu et al.,
// "Training Deep Neural Networks Using Posit Number System", SOCC 2019. In two parts, between which a
// unit may have registers.

// The sum: ±sum * 2^(place - offset), not yet normalised.
module posit_add #(
  parameter W = 26,  // Bits of both significands, whose top bit is set.
  parameter X = 8,   // Bits of the exponents, signed.
  parameter LW = 5   // 2^LW >= W + 4, and LW <= X.
) (
  input                 c_sign,
  input                 c_zero,
  input  signed [X-1:0] c_exponent,
  input  [W-1:0]        c,
  input                 p_sign,
  input                 p_zero,
  input  signed [X-1:0] p_exponent,
  input  [W-1:0]        p,
  output                negative,
  output [X-1:0]        place,
  output [W+3:0]        sum
);
  // The exponents with an offset, so that none is negative and zero has the least.
  wire [X-1:0] c_place = c_zero ? {X{1'b0}} : c_exponent ^ {1'b1, {(X-1){1'b0}}};
  wire [X-1:0] p_place = p_zero ? {X{1'b0}} : p_exponent ^ {1'b1, {(X-1){1'b0}}};
  aligned_sum #(.X(X), .W(W), .L(LW)) add (
    .a_negative(c_sign), .a_exponent(c_place), .a(c & {W{~c_zero}}),
    .b_negative(p_sign), .b_exponent(p_place), .b(p & {W{~p_zero}}),
    .negative(negative), .exponent(place), .sum(sum));
endmodule

// What posit_add gives, rounded into posit(N,ES).
module posit_round #(
  parameter N = 16,
  parameter ES = 1,
  parameter W = 26,
  parameter X = 8,
  parameter LN = 4,  // 2^LN >= N.
  parameter LW = 5
) (
  input          nar,
  input          negative,
  input  [X-1:0] place,
  input  [W+3:0] sum,
  output [N-1:0] y
);
  wire [LW-1:0] count;
  leading_zeros #(.W(W + 4), .L(LW)) zeros (.value(sum), .count(count));
  wire [W+3:0] scaled = sum << count;
  wire [X:0] exponent = {~place[X-1], ~place[X-1], place[X-2:0]} + 1'b1 - count;
  posit_encode #(.N(N), .ES(ES), .F(W + 3), .X(X + 1), .L(LN)) encode (
    .sign(negative), .nar(nar), .zero(~scaled[W+3]), .exponent(exponent),
    .fraction(scaled[W+2:0]), .y(y));
endmodule
