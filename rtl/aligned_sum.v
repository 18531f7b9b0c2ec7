// The exact sum of two numbers ±s * 2^(e - W + 1) but for a sticky last bit: ±sum * 2^(exponent - W - 2).
// Bits of `sum` from the top: the carry, W bits, guard, round and sticky. The significands have their
// top bit set, or the least exponent there is; so the sticky bit, which then is at least two places
// below all that a rounding to W bits keeps, decides ties and no more. An exact zero is positive but
// for the sum of two negative ones.
module aligned_sum #(
  parameter X = 8,  // Bits of the exponents, which are not negative.
  parameter W = 24,
  parameter L = 5   // 2^L >= W + 2, and L <= X.
) (
  input          a_negative,
  input  [X-1:0] a_exponent,
  input  [W-1:0] a,
  input          b_negative,
  input  [X-1:0] b_exponent,
  input  [W-1:0] b,
  output         negative,
  output [X-1:0] exponent,
  output [W+3:0] sum
);
  // Both distances at once, so that the order of the operands only chooses one.
  wire [X:0] a_above_b = {1'b0, a_exponent} - {1'b0, b_exponent};
  wire [X-1:0] b_above_a = b_exponent - a_exponent;
  wire b_larger = a_above_b[X] | (a_above_b == 0 & b > a);
  wire subtract = a_negative ^ b_negative;
  wire [W-1:0] greater = b_larger ? b : a;
  wire [W-1:0] lesser = b_larger ? a : b;
  assign exponent = b_larger ? b_exponent : a_exponent;

  wire [X-1:0] distance = a_above_b[X] ? b_above_a : a_above_b[X-1:0];
  wire [W+1:0] shifted;
  wire lost;
  shift_right_sticky #(.W(W + 2), .L(L)) align (
    .value({lesser, 2'b00}), .amount(distance[L-1:0]), .fill(1'b0), .shifted(shifted), .sticky(lost));
  wire far = (distance >> L) != 0;
  wire [W+2:0] aligned = far ? {{(W+2){1'b0}}, |lesser} : {shifted, lost};

  // One adder: the carry into the lowest place is made by a place below it.
  wire [W+4:0] total = {1'b0, greater, 3'b000, 1'b1} + {{(W+4){subtract}} ^ {1'b0, aligned}, subtract};
  assign sum = total[W+4:1];
  assign negative = (b_larger ? b_negative : a_negative) & ~(subtract & sum == 0);
endmodule
