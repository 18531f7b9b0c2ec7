`include "dadda.v"
// The product without that of the low P bits of a and the low Q bits of b. After Yu et al., IEEE
// Trans. VLSI Systems, 2024.
module low_drop #(
  parameter N = 8,
  parameter P = 3,
  parameter Q = 3
) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  function [N*N-1:0] kept(input integer low_bits);
    integer i, j;
    begin
      kept = 0;
      for (j = 0; j < N; j = j + 1)
        for (i = 0; i < N; i = i + 1)
          if (i >= low_bits || j >= Q) kept[N*j+i] = 1'b1;
    end
  endfunction
  dadda #(.N(N), .KEEP(kept(P))) tree (.a(a), .b(b), .p(p));
endmodule
