`include "dadda.v"
// The broken-array multiplier: the partial products of the columns below V and of the rows below H
// are left out. H. R. Mahdiani, A. Ahmadi, S. M. Fakhraie, C. Lucas, "Bio-inspired imprecise
// computational blocks for efficient VLSI implementation of soft-computing applications", IEEE
// Trans. Circuits and Systems I, 2010. Truncation is H = 0.
module bam #(
  parameter N = 8,
  parameter V = 4,
  parameter H = 0
) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  function [N*N-1:0] kept(input integer first_column);
    integer i, j;
    begin
      kept = 0;
      for (j = H; j < N; j = j + 1)
        for (i = 0; i < N; i = i + 1)
          if (i + j >= first_column) kept[N*j+i] = 1'b1;
    end
  endfunction
  dadda #(.N(N), .KEEP(kept(V))) tree (.a(a), .b(b), .p(p));
endmodule
