`include "normalise.v"
`include "corrected_log.v"
// The minimally biased multiplier: Mitchell's with the constant 1/16 + 1/64 added. The low T bits of
// each fraction are left out; SET_LOWEST: the lowest of the others is set, in their place. H. Saadat,
// H. Bokhari, S. Parameswaran, "Minimally biased multipliers for approximate integer and
// floating-point multiplication", IEEE Trans. CAD, 2018.
module mbm #(
  parameter N = 8,
  parameter T = 0,
  parameter SET_LOWEST = 0
) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  wire [N-1:0] x, y;
  wire [4:0] shift_x, shift_y;
  normalise #(.N(N)) first (.operand(a), .normalised(x), .shift(shift_x));
  normalise #(.N(N)) second (.operand(b), .normalised(y), .shift(shift_y));

  // Fractions of N bits, the lowest always 0.
  localparam [N-1:0] KEPT = {N{1'b1}} << (T+1);
  localparam [N-1:0] LOWEST = SET_LOWEST ? {{N-1{1'b0}}, 1'b1} << (T+1) : {N{1'b0}};
  localparam [N+5:0] CONSTANT = {6'b000101, {N{1'b0}}};
  corrected_log #(.N(N), .F(N)) of_sum (
    .x(x << 1 & KEPT | LOWEST), .y(y << 1 & KEPT | LOWEST), .correction(CONSTANT[N+5:6] & KEPT),
    .shift({1'b0, shift_x} + {1'b0, shift_y}), .nonzero(x[N-1] & y[N-1]), .p(p));
endmodule
