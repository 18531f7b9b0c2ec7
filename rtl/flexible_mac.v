// A fixed-point multiply-accumulate unit of several precisions, after Na and Mukhopadhyay, "Speeding up
// Convolutional Neural Network Training with Dynamic Precision Scaling and Flexible
// Multiplier-Accumulator", ISLPED 2016, whose micro-architecture is not published; this one is ours.
//
// Operands are one to DIGITS digits of D bits, two's complement in the low bits. One multiplier of
// D x D bits, given from outside as a module, multiplies one pair of digits of the magnitudes in each
// clock; a product of n digits takes n*n clocks, and the multiplier has no idle part in any mode. The
// magnitudes are made once for a product, whose operands are held, and do not toggle while it lasts.
//
// Two stages, with registers between them: the product of a pair of digits, and its sum.

// The first stage, combinational: digit i of |a| and digit j of |b|, which go to the multiplier, and
// where and with which sign their product is added.
module flexible_mac_digits #(
  parameter D = 8,
  parameter DIGITS = 4,
  parameter L = 2     // 2^L >= DIGITS.
) (
  input  [L-1:0]        top,  // The mode: the operands have top + 1 digits.
  input  [L-1:0]        i,
  input  [L-1:0]        j,
  input  [D*DIGITS-1:0] a,
  input  [D*DIGITS-1:0] b,
  output [D-1:0]        a_digit,
  output [D-1:0]        b_digit,
  output [L:0]          place,
  output                negate
);
  localparam W = D * DIGITS;
  reg a_negative, b_negative;
  integer k;
  always @* begin
    a_negative = 1'b0;
    b_negative = 1'b0;
    for (k = 0; k < DIGITS; k = k + 1) begin
      if (top == k) begin
        a_negative = a[D*k + D - 1];
        b_negative = b[D*k + D - 1];
      end
    end
  end
  // What is above the mode's digits is never read.
  wire [W-1:0] a_magnitude = (a ^ {W{a_negative}}) + a_negative;
  wire [W-1:0] b_magnitude = (b ^ {W{b_negative}}) + b_negative;
  assign a_digit = a_magnitude >> (D * i);
  assign b_digit = b_magnitude >> (D * j);
  assign place = i + j;
  assign negate = a_negative ^ b_negative;
endmodule

// The second stage, combinational: c plus or minus the product, `place` digits up.
module flexible_mac_sum #(
  parameter D = 8,
  parameter L = 2,
  parameter ACC = 64   // Bits of the accumulator, which wraps.
) (
  input  [ACC-1:0] c,
  input  [2*D-1:0] product,
  input  [L:0]     place,
  input            negate,
  output [ACC-1:0] y
);
  wire [ACC-1:0] placed = {{(ACC-2*D){1'b0}}, product} << (D * place);
  // One adder: the carry of a negation is made by a place below the lowest.
  wire [ACC:0] total = {c, 1'b1} + {placed ^ {ACC{negate}}, negate};
  assign y = total[ACC:1];
endmodule

// The order of the digits. `done` says that the next rising edge takes the product's last pair.
module flexible_mac_control #(parameter L = 2) (
  input              clock,
  input              reset,   // To the first pair, at a rising edge.
  input              enable,
  input      [L-1:0] top,
  output reg [L-1:0] i,
  output reg [L-1:0] j,
  output             done
);
  assign done = i == top && j == top;
  always @(posedge clock) begin
    if (reset) begin
      i <= 0;
      j <= 0;
    end else if (enable) begin
      j <= j == top ? 0 : j + 1'b1;
      if (j == top) i <= i == top ? 0 : i + 1'b1;
    end
  end
endmodule
