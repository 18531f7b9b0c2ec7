`include "row_sum.v"
// The sum of the partial products a[i] * b[j] * 2^(i+j) for which KEEP[N*j+i] is set: the exact
// product where all are. A tree of full and half adders (column_sum.v).
module dadda #(
  parameter N = 8,
  parameter [N*N-1:0] KEEP = {N*N{1'b1}}
) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  function [2*N*N-1:0] shifted_rows(input [N*N-1:0] keep);
    integer j;
    begin
      shifted_rows = 0;
      for (j = 0; j < N; j = j + 1) shifted_rows[2*N*j+j +: N] = keep[N*j +: N];
    end
  endfunction

  wire [2*N*N-1:0] rows;
  genvar j;
  generate
    for (j = 0; j < N; j = j + 1) begin : row
      wire [2*N-1:0] partial_products = {{N{1'b0}}, a & {N{b[j]}}};
      assign rows[2*N*j +: 2*N] = partial_products << j;
    end
  endgenerate
  row_sum #(.W(2*N), .ROWS(N), .MASK(shifted_rows(KEEP))) tree (.rows(rows), .sum(p));
endmodule
