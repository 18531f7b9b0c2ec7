// Multipliers that the tests load, each in another dress. Those that are not commutative drop the two
// lowest bits of the first operand.

// The circuit of mul8u_drop of multipliers.c.
module mul8u_drop(A, B, O);
  input [7:0] A;
  input [7:0] B;
  output [15:0] O;
  assign O = {A[7:2], 2'b00} * B;
endmodule

// The port declared first is the first operand, whatever its name and wherever the output stands.
module mul8u_drop_named(product, \b[0] , a_1);
  output reg [15:0] product;
  input [7:0] \b[0] ;
  input [7:0] a_1;
  always @* product = {\b[0] [7:2], 2'b00} * a_1;
endmodule

// That of mul8s_drop of multipliers.c.
module mul8s_drop(input signed [7:0] A, input signed [7:0] B, output signed [15:0] O);
  wire signed [7:0] dropped = {A[7:2], 2'b00};
  assign O = dropped * B;
endmodule

// Operands of 8 and 4 bits: those of mul8x4u_drop and mul8sx4u_drop of multipliers.c, and
// mul8ux8s_drop with a second operand of 4 bits.
module mul8x4u_drop(input [7:0] A, input [3:0] B, output [11:0] O);
  assign O = {A[7:2], 2'b00} * B;
endmodule
module mul8sx4u_drop(input signed [7:0] A, input [3:0] B, output signed [11:0] O);
  wire signed [7:0] dropped = {A[7:2], 2'b00};
  assign O = dropped * $signed({1'b0, B});
endmodule
module mul8ux4s_drop(input [7:0] A, input signed [3:0] B, output signed [11:0] O);
  assign O = $signed({1'b0, A[7:2], 2'b00}) * B;
endmodule

// Operands of 8 and 4 bits, and a carry chain that is a loop of vectors but not of bits.
module add8x4(input [7:0] A, input [3:0] B, output [11:0] O);
  wire [8:0] carry;
  wire [7:0] b = {4'b0000, B};
  assign carry = {(A & b) | ((A ^ b) & carry[7:0]), 1'b0};
  assign O = {3'b000, carry[8], A ^ b ^ carry[7:0]};
endmodule

// Cases as a table, functions and parameters.
module mul2u #(parameter CUT = 1) (input [1:0] A, B, output reg [3:0] O);
  function [3:0] cut(input [3:0] product);
    cut = product & ~CUT;
  endfunction
  always @*
    case ({A, B})
      4'b0101: O = cut(1);
      4'b0110, 4'b1001: O = cut(2);
      4'b0111, 4'b1101: O = cut(3);
      4'b1010: O = cut(4);
      4'b1011, 4'b1110: O = cut(6);
      4'b1111: O = cut(9);
      default: O = 0;
    endcase
endmodule
