`include "row_sum.v"
// The exact product of two's complement numbers: C. R. Baugh, B. A. Wooley, "A two's complement
// parallel array multiplication algorithm", IEEE Trans. Computers, 1973, on a Dadda tree. N > 2.
module exact_signed #(parameter N = 8) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  localparam W = 2*N;
  // Partial products of one sign bit are complemented, and 2^N + 2^(2N-1) makes up for that. The
  // former is no adder with a constant: x + 1 is ~x and a carry x, of the last bit of column N.
  // The latter inverts the top bit.
  function [W*(N+1)-1:0] used(input integer rows);
    integer j;
    begin
      used = 0;
      for (j = 0; j < rows; j = j + 1) used[W*j+j +: N] = {N{1'b1}};
      used[W*N+N+1] = 1'b1;
    end
  endfunction

  wire [W*(N+1)-1:0] rows;
  wire last = ~(a[N-1] & b[1]);  // Of column N.
  genvar j;
  generate
    for (j = 0; j < N; j = j + 1) begin : row
      wire [N-1:0] signs = j == N-1 ? {1'b0, {N-1{1'b1}}} : {1'b1, {N-1{1'b0}}};
      wire [N-1:0] complement = j == 1 ? {1'b0, signs[N-2:0]} : signs;
      wire [W-1:0] partial_products = {{N{1'b0}}, (a & {N{b[j]}}) ^ complement};
      assign rows[W*j +: W] = partial_products << j;
    end
  endgenerate
  assign rows[W*N +: W] = {{N-2{1'b0}}, last, {N+1{1'b0}}};
  wire [W-1:0] sum;
  row_sum #(.W(W), .ROWS(N+1), .MASK(used(N))) tree (.rows(rows), .sum(sum));
  assign p = {~sum[W-1], sum[W-2:0]};
endmodule
