`include "normalise.v"
`include "antilogarithm.v"
// Mitchell's multiplier with an adder of fractions whose low M bits are inexact: the OR of the
// operands' bits (OR_LOW = 1, ALM-LOA) or ones (OR_LOW = 0, ALM-SOA); the highest of them are ANDed
// to the carry into the exact part. W. Liu, J. Xu, D. Wang, C. Wang, P. Montuschi, F. Lombardi,
// "Design and evaluation of approximate logarithmic multipliers for low power error-tolerant
// applications", IEEE Trans. Circuits and Systems I, 2018. M is 0 to N-1.
module alm #(
  parameter N = 8,
  parameter M = 0,
  parameter OR_LOW = 0
) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  wire [N-1:0] x, y;
  wire [4:0] shift_x, shift_y;
  normalise #(.N(N)) first (.operand(a), .normalised(x), .shift(shift_x));
  normalise #(.N(N)) second (.operand(b), .normalised(y), .shift(shift_y));

  // The leading one is left out; where there are no fraction bits, one of zero.
  wire [N-1:0] fraction_x = x << 1, fraction_y = y << 1;
  wire [N:0] sum;
  generate
    if (M == 0) begin : exact_part
      assign sum = {1'b0, fraction_x} + {1'b0, fraction_y};
    end else begin : inexact_part
      wire carry = fraction_x[M] & fraction_y[M];
      wire [M:1] low = OR_LOW ? fraction_x[M:1] | fraction_y[M:1] : {M{1'b1}};
      if (M == N-1) begin : all
        assign sum = {carry, low, 1'b0};
      end else begin : some
        wire [N-M-1:0] high = fraction_x[N-1:(M < N-1 ? M+1 : M)] +
                              fraction_y[N-1:(M < N-1 ? M+1 : M)] + carry;
        assign sum = {high, low, 1'b0};
      end
    end
  endgenerate

  wire [N+1:0] significand = sum[N] ? {1'b1, sum[N-1:0], 1'b0} : {2'b01, sum[N-1:0]};
  wire [2*N-1:0] product;
  antilogarithm #(.N(N), .F(N)) back (
    .significand({1'b0, significand}), .shift({1'b0, shift_x} + {1'b0, shift_y}), .p(product));
  assign p = product & {2*N{x[N-1] & y[N-1]}};
endmodule
