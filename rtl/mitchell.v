`include "alm.v"
// The product as the antilogarithm of the sum of piecewise linear logarithms: J. N. Mitchell,
// "Computer multiplication and division using binary logarithms", IRE Trans. Electronic Computers,
// 1962. ALM with an exact adder.
module mitchell #(parameter N = 8) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  alm #(.N(N), .M(0), .OR_LOW(0)) exact_sum (.a(a), .b(b), .p(p));
endmodule
