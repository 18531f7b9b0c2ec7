// ±1.fraction * 2^(exponent - 127) rounded to R fraction bits and written as FP32, as products are
// (mulberry/multipliers/float_multiplier.h): infinite from 2^128, zero below 2^-126, both after the
// rounding. `nan` goes before the others.
module float_pack #(
  parameter F = 15,       // Bits of the fraction.
  parameter X = 11,       // Bits of the exponent, signed.
  parameter R = 23,       // At most 23.
  parameter NEAREST = 1,  // To nearest even; else truncated.
  parameter IN_RANGE = 0  // The operands' exponents are so few that FP32 has all products.
) (
  input                 sign,
  input                 nan,
  input                 infinite,
  input                 zero,
  input  signed [X-1:0] exponent,
  input  [F-1:0]        fraction,
  output [31:0]         y
);
  wire signed [X-1:0] e;
  wire [22:0] mantissa;
  generate
    if (F <= R) begin : exact
      assign e = exponent;
      assign mantissa = {fraction, 23'b0} >> F;
    end else begin : rounded
      wire [X+F-1:0] whole = {exponent, fraction};
      wire last = R == 0 ? 1'b1 : whole[F-R];  // Without fraction bits it is the leading one.
      wire half = fraction[F-R-1];
      wire [F-R-1:0] below_half = fraction[F-R-1:0] << 1;
      wire more = |below_half;
      wire up = NEAREST ? half & (more | last) : 1'b0;
      wire [X+R-1:0] kept = whole[X+F-1:F-R] + up;  // A carry goes on into the exponent.
      assign e = kept[X+R-1:R];
      assign mantissa = {kept, 23'b0} >> R;
    end
  endgenerate
  wire huge = infinite | (IN_RANGE ? 1'b0 : ~zero & e >= 255);
  wire tiny = zero | (IN_RANGE ? 1'b0 : e <= 0);
  assign y = nan  ? 32'h7fc00000
           : huge ? {sign, 8'hff, 23'b0}
           : tiny ? {sign, 31'b0}
           :        {sign, e[7:0], mantissa};
endmodule
