`include "normalise.v"
`include "corrected_log.v"
`include "realm_corrections.v"
// Mitchell's multiplier with a correction for each pair of the M segments (4, 8 or 16) of the
// fractions. The low T bits of each fraction are left out; SET_LOWEST: the lowest of the others is
// set, in their place. H. Saadat, H. Javaid, A. Ignjatovic, S. Parameswaran, "REALM: reduced-error
// approximate log-based integer multiplier", DATE 2020.
module realm #(
  parameter N = 8,
  parameter M = 8,
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

  localparam F = N > 6 ? N : 6;
  localparam [F-1:0] KEPT = {F{1'b1}} << (F-N+T+1);
  localparam [F-1:0] LOWEST = SET_LOWEST && T < N-1 ? {{F-1{1'b0}}, 1'b1} << (F-N+T+1) : {F{1'b0}};
  // verilator lint_off UNUSEDSIGNAL
  // The leading one, at F, is not looked at.
  wire [F:0] wide_x = {{F-N+1{1'b0}}, x} << (F-N+1), wide_y = {{F-N+1{1'b0}}, y} << (F-N+1);
  // verilator lint_on UNUSEDSIGNAL
  wire [F-1:0] fraction_x = wide_x[F-1:0], fraction_y = wide_y[F-1:0];
  wire [3:0] correction;
  realm_corrections #(.M(M)) table_of_corrections (
    .i(fraction_x[F-1:F-4]), .j(fraction_y[F-1:F-4]), .correction(correction));
  corrected_log #(.N(N), .F(F)) of_sum (
    .x(fraction_x & KEPT | LOWEST), .y(fraction_y & KEPT | LOWEST),
    .correction({{F-4{1'b0}}, correction} << (F-6)), .shift({1'b0, shift_x} + {1'b0, shift_y}),
    .nonzero(x[N-1] & y[N-1]), .p(p));
endmodule
