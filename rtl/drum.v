`include "normalise.v"
`include "antilogarithm.v"
`include "dadda.v"
// The exact product of the K bits of each operand from its leading one on, the last of them set
// where bits below are dropped. S. Hashemi, R. I. Bahar, S. Reda, "DRUM: a dynamic range unbiased
// multiplier for approximate applications", ICCAD 2015.
module drum #(
  parameter N = 8,
  parameter K = 6
) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  wire [N-1:0] x, y;
  wire [4:0] shift_x, shift_y;
  normalise #(.N(N)) first (.operand(a), .normalised(x), .shift(shift_x));
  normalise #(.N(N)) second (.operand(b), .normalised(y), .shift(shift_y));

  wire dropped_x = |(a >> K), dropped_y = |(b >> K);
  wire [2*K-1:0] product;
  dadda #(.N(K)) segments (
    .a({x[N-1:N-K+1], x[N-K] | dropped_x}), .b({y[N-1:N-K+1], y[N-K] | dropped_y}), .p(product));
  antilogarithm #(.N(N), .F(2*K-2)) back (
    .significand({1'b0, product}), .shift({1'b0, shift_x} + {1'b0, shift_y}), .p(p));
endmodule
