`include "dadda.v"
// The exact product, as a Dadda tree of full and half adders.
module exact #(parameter N = 8) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  dadda #(.N(N)) tree (.a(a), .b(b), .p(p));
endmodule
