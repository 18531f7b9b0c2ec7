`include "row_sum.v"
// (2x + 1)(2y + 1), of which the lowest bit is 1: 2(2xy + x + y) + 1 by one tree.
module odd_product #(parameter K = 4) (
  input  [K-1:0]   x,
  input  [K-1:0]   y,
  output [2*K+1:0] p
);
  localparam W = 2*K+1;
  function [W*(K+2)-1:0] used(input integer rows);
    integer j;
    begin
      used = 0;
      for (j = 0; j < rows; j = j + 1) used[W*j+j+1 +: K] = {K{1'b1}};
      used[W*K +: K] = {K{1'b1}};
      used[W*(K+1) +: K] = {K{1'b1}};
    end
  endfunction

  wire [W*(K+2)-1:0] rows;
  genvar j;
  generate
    for (j = 0; j < K; j = j + 1) begin : row
      wire [W-1:0] partial_products = {{K+1{1'b0}}, x & {K{y[j]}}};
      assign rows[W*j +: W] = partial_products << (j+1);
    end
  endgenerate
  assign rows[W*K +: W] = {{K+1{1'b0}}, x};
  assign rows[W*(K+1) +: W] = {{K+1{1'b0}}, y};
  row_sum #(.W(W), .ROWS(K+2), .MASK(used(K))) tree (.rows(rows), .sum(p[2*K+1:1]));
  assign p[0] = 1'b1;
endmodule
