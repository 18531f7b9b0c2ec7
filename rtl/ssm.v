`include "dadda.v"
// The exact product of the high M bits of each operand where any but its low M are set, and of the
// low M bits otherwise. S. Narayanamoorthy, H. A. Moghaddam, Z. Liu, T. Park, N. S. Kim,
// "Energy-efficient approximate multiplication for digital signal processing and classification
// applications", IEEE Trans. VLSI Systems, 2015.
module ssm #(
  parameter N = 8,
  parameter M = 4
) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  wire high_a = |a[N-1:M], high_b = |b[N-1:M];
  wire [2*M-1:0] product;
  dadda #(.N(M)) segments (
    .a(high_a ? a[N-1:N-M] : a[M-1:0]), .b(high_b ? b[N-1:N-M] : b[M-1:0]), .p(product));
  wire [2*N-1:0] low = {{2*(N-M){1'b0}}, product};
  wire [2*N-1:0] middle = high_a | high_b ? low << (N-M) : low;
  assign p = high_a & high_b ? low << 2*(N-M) : middle;
endmodule
