// Two's complement operands of A and B bits for an unsigned multiplier of N bits, which is outside,
// and its product's magnitude with the sign back on: magnitude_a and magnitude_b go to it, and
// magnitude_p comes from it. A_SIGNED, B_SIGNED: which operands have signs. |-2^(A-1)| fits A bits.
module sign_magnitude #(
  parameter N = 8,
  parameter A = 8,
  parameter B = 8,
  parameter A_SIGNED = 1,
  parameter B_SIGNED = 1
) (
  input  [A-1:0]   a,
  input  [B-1:0]   b,
  output [N-1:0]   magnitude_a,
  output [N-1:0]   magnitude_b,
  input  [2*N-1:0] magnitude_p,
  output [A+B-1:0] p
);
  wire negative_a = A_SIGNED ? a[A-1] : 1'b0, negative_b = B_SIGNED ? b[B-1] : 1'b0;
  wire [A-1:0] absolute_a = (a ^ {A{negative_a}}) + {{A-1{1'b0}}, negative_a};
  wire [B-1:0] absolute_b = (b ^ {B{negative_b}}) + {{B-1{1'b0}}, negative_b};
  wire [N+A-1:0] wide_a = {{N{1'b0}}, absolute_a};
  wire [N+B-1:0] wide_b = {{N{1'b0}}, absolute_b};
  assign magnitude_a = wide_a[N-1:0];
  assign magnitude_b = wide_b[N-1:0];
  wire negative = negative_a ^ negative_b;
  assign p = (magnitude_p[A+B-1:0] ^ {A+B{negative}}) + {{A+B-1{1'b0}}, negative};
endmodule
