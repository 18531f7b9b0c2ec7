`include "dadda.v"
// Where both high halves are zero, the exact product of the low halves; else that of the high
// halves, and below it ones from the highest one of either low half on. One multiplier serves both.
// K. Y. Kyaw, W. L. Goh, K. S. Yeo, "Low-power high-speed multiplier for error-tolerant
// application", EDSSC 2010.
module etm #(parameter N = 8) (
  input  [N-1:0]   a,
  input  [N-1:0]   b,
  output [2*N-1:0] p
);
  localparam M = N/2;    // Bits of a low half.
  localparam K = N - M;  // Of a high half, M or M + 1.
  generate
    if (M == 0) begin : one_bit
      assign p = {1'b0, a & b};
    end else begin : halves
      localparam L = M > 0 ? M : 1;
      wire is_low = ~|{a[N-1:M], b[N-1:M]};
      wire [2*K-1:0] product;
      dadda #(.N(K)) half (
        .a(is_low ? {{K-M{1'b0}}, a[L-1:0]} : a[N-1:M]),
        .b(is_low ? {{K-M{1'b0}}, b[L-1:0]} : b[N-1:M]), .p(product));
      wire [L-1:0] either = a[L-1:0] | b[L-1:0];
      wire [2*L-1:0] ones;
      genvar i;
      for (i = 0; i < L; i = i + 1) begin : scan
        assign ones[L+i] = |either[L-1:i];
        assign ones[i] = |either;
      end
      assign p = is_low ? {{2*M{1'b0}}, product} : {product, ones};
    end
  endgenerate
endmodule
