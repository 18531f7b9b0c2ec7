`include "row_sum.v"
// The truncated multiplier with rounding bits: the partial products of the columns below V are left
// out, and those of column V-1 added to column V. E. J. King, E. E. Swartzlander, "Data-dependent
// truncation scheme for parallel multipliers", Asilomar Conf. Signals, Systems and Computers, 1997.
// That of the top bit of b is not added.
module rounded #(
  parameter N = 8,
  parameter V = 8
) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  localparam W = 2*N;
  localparam ROWS = 2*N - 1;
  // Row N+j has the bit that row j < N-1 had in column V-1.
  function [W*ROWS-1:0] used(input integer first_column);
    integer i, j;
    begin
      used = 0;
      for (j = 0; j < N; j = j + 1)
        for (i = 0; i < N; i = i + 1) begin
          if (i + j >= first_column) used[W*j+i+j] = 1'b1;
          if (j < N - 1 && i + j + 1 == first_column) used[W*(N+j)+V] = 1'b1;
        end
    end
  endfunction

  wire [W*ROWS-1:0] rows;
  genvar j;
  generate
    for (j = 0; j < N; j = j + 1) begin : row
      wire [W-1:0] partial_products = {{N{1'b0}}, a & {N{b[j]}}};
      assign rows[W*j +: W] = partial_products << j;
    end
    for (j = 0; j < N-1; j = j + 1) begin : rounding
      if (V > j && V - 1 - j < N) begin : rounds
        assign rows[W*(N+j) +: W] = {{W-1{1'b0}}, a[V-1-j] & b[j]} << V;
      end else begin : does_not
        assign rows[W*(N+j) +: W] = {W{1'b0}};
      end
    end
  endgenerate
  row_sum #(.W(W), .ROWS(ROWS), .MASK(used(V))) tree (.rows(rows), .sum(p));
endmodule
