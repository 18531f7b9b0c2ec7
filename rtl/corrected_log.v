`include "antilogarithm.v"
// The end of a corrected logarithmic multiplier (mbm.v, realm.v): Mitchell's significand of two
// fractions of F bits, plus a correction. Where the product has more than 2N bits, the correction is
// left out; an operand of zero makes zero.
module corrected_log #(
  parameter N = 8,
  parameter F = 8
) (
  input  [F-1:0]   x,
  input  [F-1:0]   y,
  input  [F-1:0]   correction,
  input  [5:0]     shift,
  input            nonzero,
  output [2*N-1:0] p
);
  wire [F:0] sum = {1'b0, x} + {1'b0, y};
  wire [F+1:0] mitchell = sum[F] ? {1'b1, sum[F-1:0], 1'b0} : {2'b01, sum[F-1:0]};
  // 1 + x + y + c, and 2(x + y + c/2): the correction is added to either.
  wire [F+2:0] corrected = {1'b0, mitchell} + {3'b000, correction};
  wire overflow = corrected[F+2] & ~|shift;
  wire [2*N-1:0] product;
  antilogarithm #(.N(N), .F(F)) back (
    .significand(overflow ? {1'b0, mitchell} : corrected), .shift(shift), .p(product));
  assign p = product & {2*N{nonzero}};
endmodule
