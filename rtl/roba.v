`include "normalise.v"
`include "antilogarithm.v"
// ra*b + rb*a - ra*rb, ra and rb the operands rounded to the nearest power of two (3 to 2). R.
// Zendegani, M. Kamal, M. Bahadori, A. Afzali-Kusha, M. Pedram, "RoBA multiplier: a rounding-based
// approximate multiplier for high-speed yet energy-efficient digital signal processing", IEEE
// Trans. VLSI Systems, 2017.
module roba #(parameter N = 8) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  wire [N-1:0] x, y;
  wire [4:0] shift_x, shift_y;
  normalise #(.N(N)) first (.operand(a), .normalised(x), .shift(shift_x));
  normalise #(.N(N)) second (.operand(b), .normalised(y), .shift(shift_y));

  // Up: the bit below the leading one is set. ra is then 2^(N-shift_x), else 2^(N-1-shift_x).
  wire up_a, up_b;
  generate
    if (N > 2) begin : rounded
      assign up_a = x[N-2] & |(a >> 2);
      assign up_b = y[N-2] & |(b >> 2);
    end else begin : as_they_are
      assign up_a = 1'b0;
      assign up_b = 1'b0;
    end
  endgenerate
  // rb*a + ra*(b - rb), all times 2^(shift_x + shift_y - (N-1)): one sum of normalised operands. Of
  // b - rb the sign is up_b, and the rest is b's fraction.
  localparam [N-1:0] LEADING_ONE = {N{1'b1}} << (N-1);
  wire [N-1:0] difference = y & ~LEADING_ONE | {N{up_b}} & LEADING_ONE;
  wire [N:0] rb_a = {1'b0, x} << up_b, ra_difference = {up_b, difference} << up_a;
  wire [N:0] sum = rb_a + ra_difference;
  antilogarithm #(.N(N), .F(N-1)) back (
    .significand({1'b0, sum & {N+1{x[N-1] & y[N-1]}}}), .shift({1'b0, shift_x} + {1'b0, shift_y}),
    .p(p));
endmodule
