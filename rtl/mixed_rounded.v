`include "row_sum.v"
// The product of a of A bits without sign and b of B > 1 bits in two's complement, as C. R. Baugh,
// B. A. Wooley, "A two's complement parallel array multiplication algorithm", IEEE Trans.
// Computers, 1973, on a Dadda tree; or, with V > 0 and A = B, the product that rounded.v has of a
// and |b|, with the sign of b: no magnitude is made, and none is given its sign again.
module mixed_rounded #(
  parameter A = 8,
  parameter B = 8,
  parameter V = 0
) (
  input  [A-1:0]   a,
  input  [B-1:0]   b,
  output [A+B-1:0] p
);
  localparam W = A + B;
  localparam ROWS = 2*B;
  // The partial products of the sign, complemented, begin in this column.
  localparam C = V < B ? B - 1 : V;
  // Row j < B has the partial products a[i] & b[j] of the columns i + j >= V. Complemented ones
  // lack 2^C and 2^(W-1). The former is no adder with a constant: ~x + 1 is x and a carry ~x, which
  // row B has, of the first of them. The latter inverts the top bit. Row B+1+j has the bit of
  // column V-1 that rounds, in column V.
  function [W*ROWS-1:0] used(input integer first_column);
    integer i, j;
    begin
      used = 0;
      for (j = 0; j < B; j = j + 1)
        for (i = 0; i < A; i = i + 1) begin
          if (i + j >= first_column) used[W*j+i+j] = 1'b1;
          if (j < B - 1 && i + j + 1 == first_column) used[W*(B+1+j)+V] = 1'b1;
        end
      used[W*B+C+1] = 1'b1;
    end
  endfunction

  wire [W*ROWS-1:0] rows;
  wire [W-1:0] first = {{W-1{1'b0}}, 1'b1} << C;
  wire [A-1:0] of_sign = a & {A{b[B-1]}};
  wire [W-1:0] wide_of_sign = {{B{1'b0}}, ~of_sign};
  assign rows[W*(B-1) +: W] = (wide_of_sign << (B-1)) ^ first;
  assign rows[W*B +: W] = ((wide_of_sign << (B-1)) & first) << 1;
  genvar j;
  generate
    for (j = 0; j < B-1; j = j + 1) begin : row
      wire [W-1:0] partial_products = {{B{1'b0}}, a & {A{b[j]}}};
      assign rows[W*j +: W] = partial_products << j;
      // Half of the last place that is kept rounds away from zero: a negative number up only if
      // there is more than a half.
      wire more;
      if (j == 0) begin : lowest
        assign more = 1'b0;
      end else begin : higher
        assign more = |b[j-1:0];
      end
      if (V > j && V - 1 - j < A) begin : rounds
        wire rounding = b[j] & (~b[B-1] | more) & a[V-1-j];
        assign rows[W*(B+1+j) +: W] = {{W-1{1'b0}}, rounding} << V;
      end else begin : does_not
        assign rows[W*(B+1+j) +: W] = {W{1'b0}};
      end
    end
  endgenerate
  wire [W-1:0] sum;
  row_sum #(.W(W), .ROWS(ROWS), .MASK(used(V))) tree (.rows(rows), .sum(sum));
  assign p = {~sum[W-1], sum[W-2:0]};
endmodule
