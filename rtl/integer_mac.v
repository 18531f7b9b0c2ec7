// The accumulator of integer products: c plus or minus p in a word of ACC bits, two's complement, that
// wraps or saturates.
module integer_accumulate #(
  parameter P = 16,          // Bits of the product's magnitude, or of its encoding.
  parameter ACC = 32,
  parameter IS_SIGNED = 0,   // p is two's complement.
  parameter SATURATE = 0
) (
  input  [ACC-1:0] c,
  input            negate,
  input  [P-1:0]   p,
  output [ACC-1:0] y
);
  localparam W = (ACC > P + 1 ? ACC : P + 1) + 1;  // Bits that hold every sum.
  wire [W-1:0] wide_c = {{(W-ACC){c[ACC-1]}}, c};
  wire [W-1:0] wide_p = {{(W-P){IS_SIGNED ? p[P-1] : 1'b0}}, p} ^ {W{negate}};
  // One adder: the carry of a negation is made by a place below the lowest.
  wire [W:0] total = {wide_c, 1'b1} + {wide_p, negate};
  wire [W-1:0] sum = total[W:1];
  wire fits = &sum[W-1:ACC-1] | ~(|sum[W-1:ACC-1]);
  assign y = !SATURATE || fits ? sum[ACC-1:0] : {sum[W-1], {(ACC-1){~sum[W-1]}}};
endmodule

// The magnitude of an operand in two's complement; -2^(N-1) has one, in N bits.
module integer_magnitude #(parameter N = 8) (
  input  [N-1:0] x,
  output [N-1:0] magnitude
);
  assign magnitude = x[N-1] ? -x : x;
endmodule
