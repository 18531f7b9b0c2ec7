`include "normalise.v"
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

  // Up: the bit below the leading one is set. ra is then 2^(N-shift), else 2^(N-1-shift).
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
  wire [2*N-1:0] high_a = {{N{1'b0}}, a} << (N-1), high_b = {{N{1'b0}}, b} << (N-1);
  wire [2*N-1:0] ra_b = high_b >> shift_x << up_a, rb_a = high_a >> shift_y << up_b;
  wire [2*N-1:0] one = {{2*N-1{1'b0}}, 1'b1} << (2*N-2);
  wire [2*N-1:0] ra_rb = one >> ({1'b0, shift_x} + {1'b0, shift_y}) << up_a << up_b;
  assign p = (ra_b + rb_a - ra_rb) & {2*N{x[N-1] & y[N-1]}};
endmodule
