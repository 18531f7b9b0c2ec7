`include "normalise.v"
`include "antilogarithm.v"
`include "odd_product.v"
// 1 + x + y + xy of the operands' fractions: H bits of each in the sum, and T with a one below them
// in the product. S. Vahdat, M. Kamal, A. Afzali-Kusha, M. Pedram, "TOSAM: an energy-efficient
// truncation- and rounding-based scalable approximate multiplier", IEEE Trans. VLSI Systems, 2019.
module tosam #(
  parameter N = 8,
  parameter T = 1,
  parameter H = 5
) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  wire [N-1:0] x, y;
  wire [4:0] shift_x, shift_y;
  normalise #(.N(N)) first (.operand(a), .normalised(x), .shift(shift_x));
  normalise #(.N(N)) second (.operand(b), .normalised(y), .shift(shift_y));

  localparam F = H > 2*T+2 ? H : 2*T+2;
  wire [2*T+1:0] product_of_fractions;
  generate
    if (T == 0) begin : quarter
      assign product_of_fractions = 2'b01;
    end else begin : product
      odd_product #(.K(T > 0 ? T : 1)) of_fractions (
        .x(x[N-2:N-1-T]), .y(y[N-2:N-1-T]), .p(product_of_fractions));
    end
  endgenerate
  // The leading one of x is the 1.
  wire [H+1:0] sum = {1'b0, x[N-1:N-1-H]} + {2'b00, y[N-2:N-1-H]};
  wire [F+2:0] aligned_sum = {{F-H+1{1'b0}}, sum} << (F-H);
  wire [F+2:0] aligned_product = {{F-2*T+1{1'b0}}, product_of_fractions} << (F-2*T-2);
  wire [2*N-1:0] product_of_operands;
  antilogarithm #(.N(N), .F(F)) back (
    .significand(aligned_sum + aligned_product), .shift({1'b0, shift_x} + {1'b0, shift_y}),
    .p(product_of_operands));
  assign p = product_of_operands & {2*N{x[N-1] & y[N-1]}};
endmodule
