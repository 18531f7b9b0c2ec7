`include "normalise.v"
`include "antilogarithm.v"
`include "odd_product.v"
// The product of the K bits of each operand from its leading one on, with a one below them. S.
// Vahdat, M. Kamal, A. Afzali-Kusha, M. Pedram, "LETAM: a low energy truncation-based approximate
// multiplier", Computers and Electrical Engineering, 2017.
module letam #(
  parameter N = 8,
  parameter K = 5
) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  wire [N-1:0] x, y;
  wire [4:0] shift_x, shift_y;
  normalise #(.N(N)) first (.operand(a), .normalised(x), .shift(shift_x));
  normalise #(.N(N)) second (.operand(b), .normalised(y), .shift(shift_y));

  wire [2*K+1:0] segments;
  wire [2*N-1:0] product;
  odd_product #(.K(K)) of_segments (.x(x[N-1:N-K]), .y(y[N-1:N-K]), .p(segments));
  antilogarithm #(.N(N), .F(2*K)) back (
    .significand({1'b0, segments}), .shift({1'b0, shift_x} + {1'b0, shift_y}), .p(product));
  assign p = product & {2*N{x[N-1] & y[N-1]}};
endmodule
